package org.masquerelay.http;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.masquerelay.tunnel.HeaderField;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.Peer;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.RequestHead;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelRequest;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.StructuredFields;
import org.masquerelay.wire.UriTemplate;
import org.masquerelay.wire.WireFormatException;

/// Reads what a request head asks for. An upgrade of HTTP/1.1 arrives here as the extended CONNECT
/// that it stands for.
final class TunnelHeads {
    static final String CONNECT = "CONNECT";
    static final String CONNECT_UDP = "connect-udp";
    static final String CAPSULE_PROTOCOL = "capsule-protocol";
    static final String CONNECT_UDP_BIND = "connect-udp-bind";
    static final String TARGET_HOST = "target_host";
    static final String TARGET_PORT = "target_port";

    /// RFC 9298, section 3.5: answered to every request that becomes a tunnel of capsules.
    static final HeaderField CAPSULE_PROTOCOL_TRUE = new HeaderField(CAPSULE_PROTOCOL, "?1");

    private static final String ANY = "*";

    /// RFC 6761, section 6.4: a name that nobody has.
    private static final HostPort NOWHERE = new HostPort("nowhere.invalid", 443);

    private final Offer offer;

    TunnelHeads(Offer offer) {
        this.offer = offer;
    }

    /// What a request turned out to be.
    sealed interface Reading {
        record Tunnel(TunnelRequest request, Carriage carriage) implements Reading {}

        /// A request for a tunnel to nowhere, which is told so behind the gate: until then it takes
        /// the way of all others, so that nobody sees which paths are templates (RFC 9729, section
        /// 6.4). Only where tunnels are hidden. Its target is a placeholder.
        record Nowhere(TunnelRequest request, Carriage carriage) implements Reading {}

        /// An ordinary request, for whatever is served beside the tunnels.
        record Plain(RequestHead head, String path) implements Reading {}

        record Wrong(Refusal refusal) implements Reading {}
    }

    Reading read(RequestHead head, Peer peer) {
        var protocol = head.protocol();
        try {
            if (!head.method().equals(CONNECT)) {
                return protocol == null
                        ? plain(head)
                        : wrong(RefusalReason.BAD_REQUEST, ":protocol without CONNECT");
            }
            if (protocol == null) {
                return classicConnect(head, peer);
            }
            if (protocol.equals(CONNECT_UDP)) {
                return connectUdp(head, peer);
            }
            var form = offer.connectTcp().form(protocol);
            return form.isPresent()
                    ? connectTcp(form.get(), head, peer)
                    : wrong(RefusalReason.NOT_IMPLEMENTED, "this protocol is not served");
        } catch (WireFormatException malformed) {
            // RFC 9729, section 6.4: that a template would take the path is not to be seen.
            return offer.isHidden() && protocol != null
                    ? notFound(head, peer)
                    : wrong(RefusalReason.BAD_REQUEST, malformed.getMessage());
        }
    }

    /// Whether a tunnel may be asked for with `token`.
    boolean isServed(String token) {
        return token.equals(CONNECT_UDP) || offer.connectTcp().form(token).isPresent();
    }

    private static Reading wrong(
            RefusalReason reason, @org.jspecify.annotations.Nullable String details) {
        return new Reading.Wrong(reason.because(details == null ? "" : details));
    }

    private Reading notFound(RequestHead head, Peer peer) {
        if (!offer.isHidden()) {
            return wrong(RefusalReason.NOT_FOUND, Offer.NO_TEMPLATE);
        }
        return CONNECT_UDP.equals(head.protocol())
                ? new Reading.Nowhere(
                        new TunnelRequest(TunnelKind.UDP, NOWHERE, head, peer),
                        new Carriage.Datagrams(Set.of()))
                : new Reading.Nowhere(
                        new TunnelRequest(TunnelKind.TCP, NOWHERE, head, peer),
                        new Carriage.Bytes());
    }

    // RFC 9110, section 9.3.6: host and port, nothing else.
    private static Reading classicConnect(RequestHead head, Peer peer) throws WireFormatException {
        var authority = head.authority();
        if (authority == null) {
            return wrong(RefusalReason.BAD_REQUEST, "CONNECT without an authority");
        }
        if (head.path() != null || head.scheme() != null) {
            return wrong(RefusalReason.BAD_REQUEST, "CONNECT with :path or :scheme");
        }
        return new Reading.Tunnel(
                new TunnelRequest(TunnelKind.TCP, HostPort.parse(authority), head, peer),
                new Carriage.Bytes());
    }

    private Reading connectUdp(RequestHead head, Peer peer) throws WireFormatException {
        var broken = unfit(head);
        if (broken.isPresent()) {
            return broken.get();
        }
        var target = match(offer.udpTemplates(), head.path());
        if (target.isEmpty()) {
            return notFound(head, peer);
        }
        var host = target.get().getOrDefault(TARGET_HOST, "");
        var port = target.get().getOrDefault(TARGET_PORT, "");
        boolean bind = offer.bind() && isTrue(head.fields(), CONNECT_UDP_BIND);
        if (bind && host.equals(ANY) && port.equals(ANY)) {
            return bound(new TunnelRequest(TunnelKind.BIND, Optional.empty(), head, peer));
        }
        var scope = HostPort.of(host, port);
        return bind
                ? bound(new TunnelRequest(TunnelKind.BIND, scope, head, peer))
                : new Reading.Tunnel(
                        new TunnelRequest(TunnelKind.UDP, scope, head, peer),
                        new Carriage.Datagrams(Set.of()));
    }

    private static Reading bound(TunnelRequest request) {
        return new Reading.Tunnel(request, new Carriage.Datagrams(Carriage.BIND_CAPSULES));
    }

    private Reading connectTcp(ConnectTcp.Form form, RequestHead head, Peer peer)
            throws WireFormatException {
        var broken = unfit(head);
        if (broken.isPresent()) {
            return broken.get();
        }
        var target = match(offer.connectTcp().templates(), head.path());
        if (target.isEmpty()) {
            return notFound(head, peer);
        }
        var to =
                HostPort.of(
                        target.get().getOrDefault(TARGET_HOST, ""),
                        target.get().getOrDefault(TARGET_PORT, ""));
        // Before draft 05 the content was the bytes themselves, and the field was not there.
        return new Reading.Tunnel(
                new TunnelRequest(TunnelKind.TCP, to, head, peer),
                isTrue(head.fields(), CAPSULE_PROTOCOL)
                        ? new Carriage.DataCapsules(form)
                        : new Carriage.Bytes());
    }

    /// What is wrong with an extended CONNECT, whatever its protocol.
    private Optional<Reading> unfit(RequestHead head) {
        var authority = head.authority();
        if (isEmpty(head.path())
                || isEmpty(head.scheme())
                || authority == null
                || authority.isEmpty()) {
            return Optional.of(
                    wrong(
                            RefusalReason.BAD_REQUEST,
                            "extended CONNECT without :scheme, :authority or :path"));
        }
        if (!"https".equals(head.scheme())) {
            return Optional.of(wrong(RefusalReason.BAD_REQUEST, "the scheme is not https"));
        }
        // RFC 9297, section 3.2: these have no meaning where capsules are the content.
        if (head.fields().contains("content-length")
                || head.fields().contains("content-type")
                || head.fields().contains("transfer-encoding")) {
            return Optional.of(
                    wrong(
                            RefusalReason.BAD_REQUEST,
                            "content-length, content-type or transfer-encoding with capsules"));
        }
        return misdirected(authority);
    }

    private static boolean isEmpty(@org.jspecify.annotations.Nullable String value) {
        return value == null || value.isEmpty();
    }

    private Optional<Reading> misdirected(String authority) {
        int colon = authority.lastIndexOf(':');
        boolean hasPort = colon > authority.lastIndexOf(']');
        var host = hasPort ? authority.substring(0, colon) : authority;
        boolean served =
                offer.authorities().isEmpty()
                        || offer.authorities().contains(host.toLowerCase(java.util.Locale.ROOT));
        return served
                ? Optional.empty()
                : Optional.of(wrong(RefusalReason.MISDIRECTED, "this authority is not served"));
    }

    /// RFC 9297, section 3.4: whatever is not a Boolean, or comes twice, counts as absent.
    private static boolean isTrue(HeaderFields fields, String name) {
        var values = fields.all(name);
        return values.size() == 1 && StructuredFields.parseBoolean(values.getFirst()).orElse(false);
    }

    private static Optional<Map<String, String>> match(
            List<UriTemplate> templates, @org.jspecify.annotations.Nullable String path)
            throws WireFormatException {
        for (var template : templates) {
            var variables = template.match(path == null ? "" : path);
            if (variables.isPresent()) {
                return variables;
            }
        }
        return Optional.empty();
    }

    private boolean isOfTemplate(String path) throws WireFormatException {
        return match(offer.udpTemplates(), path).isPresent()
                || match(offer.connectTcp().templates(), path).isPresent();
    }

    private Reading plain(RequestHead head) throws WireFormatException {
        var path = head.path();
        if (isEmpty(path) || path == null) {
            return wrong(RefusalReason.BAD_REQUEST, "request without a path");
        }
        if ("http".equals(head.scheme())) {
            return wrong(
                    RefusalReason.NOT_IMPLEMENTED, "requests are not forwarded, only tunnels are");
        }
        if (!offer.isHidden() && isOfTemplate(path)) {
            return wrong(RefusalReason.METHOD_NOT_ALLOWED, "tunnels are opened with CONNECT");
        }
        var authority =
                head.authority() == null
                        ? head.fields().first("host").orElse(null)
                        : head.authority();
        var misdirected = authority == null ? Optional.<Reading>empty() : misdirected(authority);
        return misdirected.orElse(new Reading.Plain(head, path));
    }
}
