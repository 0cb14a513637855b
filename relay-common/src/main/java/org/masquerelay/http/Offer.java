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
public record Offer(
        List<UriTemplate> udpTemplates,
        ConnectTcp connectTcp,
        boolean bind,
        Set<String> authorities) {
    /// The default templates, no bind, and every authority.
    public static final Offer STANDARD =
            new Offer(List.of(UriTemplate.UDP), ConnectTcp.STANDARD, false, Set.of());

    public Offer {
        udpTemplates = List.copyOf(udpTemplates);
        authorities = Set.copyOf(authorities);
    }
}
