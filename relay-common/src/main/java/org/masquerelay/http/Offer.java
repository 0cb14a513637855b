package org.masquerelay.http;

import java.util.List;
import java.util.Set;
import org.masquerelay.wire.UriTemplate;

/// What a listener offers beside classic CONNECT.
///
/// @param udpTemplates the URI templates of connect-udp, each with `target_host` and `target_port`
/// @param connectTcp templated TCP proxying
/// @param bind whether one tunnel may talk to many peers (draft-ietf-masque-connect-udp-listen)
/// @param authorities the names the relay answers to, in lower case; empty for all
/// @param concealment what the listener does for concealed authentication
public record Offer(
        List<UriTemplate> udpTemplates,
        ConnectTcp connectTcp,
        boolean bind,
        Set<String> authorities,
        Concealment concealment) {
    /// The default templates, no bind, and every authority.
    public static final Offer STANDARD =
            new Offer(List.of(UriTemplate.UDP), ConnectTcp.STANDARD, false, Set.of());

    /// What is said of a path that leads nowhere: the same whether it does for everybody or only
    /// for those who have not shown that they may enter.
    public static final String NO_TEMPLATE = "no URI template matches the path";

    /// Concealed authentication (RFC 9729).
    public enum Concealment {
        /// Nobody authenticates that way.
        NONE,
        /// Some may: the connection's keys can be exported.
        ACCEPTED,
        /// Nobody gets in otherwise, and to whoever does not, a template is a path like any other
        /// that leads nowhere.
        HIDDEN
    }

    /// Without concealed authentication.
    public Offer(
            List<UriTemplate> udpTemplates,
            ConnectTcp connectTcp,
            boolean bind,
            Set<String> authorities) {
        this(udpTemplates, connectTcp, bind, authorities, Concealment.NONE);
    }

    public Offer with(Concealment other) {
        return new Offer(udpTemplates, connectTcp, bind, authorities, other);
    }

    boolean isHidden() {
        return concealment == Concealment.HIDDEN;
    }

    public Offer {
        udpTemplates = List.copyOf(udpTemplates);
        authorities = Set.copyOf(authorities);
    }
}
