package org.masquerelay.http;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.masquerelay.tunnel.HeaderField;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.Peer;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.RequestHead;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelRequest;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;
import org.masquerelay.wire.WireFormatException;

/// Reads what a request head of HTTP/2 or HTTP/3 asks for, and writes the heads of tunnels that we
/// ask for.
final class TunnelHeads {
    static final String CONNECT = "CONNECT";
    static final String CONNECT_UDP = "connect-udp";
    static final String CAPSULE_PROTOCOL = "capsule-protocol";
    static final String TARGET_HOST = "target_host";
    static final String TARGET_PORT = "target_port";

    /// RFC 9298, section 3.5: answered to every connect-udp request that becomes a tunnel.
    static final HeaderField CAPSULE_PROTOCOL_TRUE = new HeaderField(CAPSULE_PROTOCOL, "?1");

    private final List<UriTemplate> udpTemplates;

    TunnelHeads(List<UriTemplate> udpTemplates) {
        this.udpTemplates = List.copyOf(udpTemplates);
    }

    /// What a request turned out to be.
    sealed interface Reading {
        record Tunnel(TunnelRequest request) implements Reading {}

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
            return wrong(RefusalReason.NOT_IMPLEMENTED, "this :protocol is not served");
        } catch (WireFormatException malformed) {
            return wrong(RefusalReason.BAD_REQUEST, malformed.getMessage());
        }
    }

    private static Reading wrong(
            RefusalReason reason, @org.jspecify.annotations.Nullable String details) {
        return new Reading.Wrong(reason.because(details == null ? "" : details));
    }

    // RFC 9110, section 9.3.6: host and port, nothing else.
    private static Reading classicConnect(RequestHead head, Peer peer) throws WireFormatException {
        var authority = head.authority();
        if (authority == null) {
            return wrong(RefusalReason.BAD_REQUEST, "CONNECT without :authority");
        }
        if (head.path() != null || head.scheme() != null) {
            return wrong(RefusalReason.BAD_REQUEST, "CONNECT with :path or :scheme");
        }
        return new Reading.Tunnel(
                new TunnelRequest(TunnelKind.TCP, HostPort.parse(authority), head, peer));
    }

    private Reading connectUdp(RequestHead head, Peer peer) throws WireFormatException {
        var path = head.path();
        if (path == null || head.scheme() == null || head.authority() == null) {
            return wrong(
                    RefusalReason.BAD_REQUEST,
                    "extended CONNECT without :scheme, :authority or :path");
        }
        // RFC 9297, section 3.2: these have no meaning where capsules are the content.
        if (head.fields().contains("content-length") || head.fields().contains("content-type")) {
            return wrong(RefusalReason.BAD_REQUEST, "content-length or content-type with capsules");
        }
        var target = matchUdp(path);
        if (target.isEmpty()) {
            return wrong(RefusalReason.NOT_FOUND, "no URI template matches the path");
        }
        var variables = target.get();
        var host = variables.getOrDefault(TARGET_HOST, "");
        var port = variables.getOrDefault(TARGET_PORT, "");
        return new Reading.Tunnel(
                new TunnelRequest(TunnelKind.UDP, HostPort.of(host, port), head, peer));
    }

    private Optional<Map<String, String>> matchUdp(String path) throws WireFormatException {
        for (var template : udpTemplates) {
            var variables = template.match(path);
            if (variables.isPresent()) {
                return variables;
            }
        }
        return Optional.empty();
    }

    private Reading plain(RequestHead head) throws WireFormatException {
        var path = head.path();
        if (path == null) {
            return wrong(RefusalReason.BAD_REQUEST, "request without :path");
        }
        if (matchUdp(path).isPresent()) {
            return wrong(RefusalReason.METHOD_NOT_ALLOWED, "tunnels are opened with CONNECT");
        }
        return new Reading.Plain(head, path);
    }

    /// The head that asks the relay at `authority` for a tunnel.
    static RequestHead ask(
            TunnelKind kind,
            HostPort target,
            HostPort authority,
            UriTemplate udpTemplate,
            HeaderFields fields) {
        return switch (kind) {
            case TCP -> new RequestHead(CONNECT, null, target.toString(), null, null, fields);
            case UDP ->
                    new RequestHead(
                            CONNECT,
                            "https",
                            authority.toString(),
                            udpTemplate.expandPath(
                                    Map.of(
                                            TARGET_HOST,
                                            target.host(),
                                            TARGET_PORT,
                                            Integer.toString(target.port()))),
                            CONNECT_UDP,
                            fields.with(CAPSULE_PROTOCOL, "?1"));
        };
    }
}
