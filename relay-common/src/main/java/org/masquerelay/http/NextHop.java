package org.masquerelay.http;

import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.RequestHead;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;

/// A relay that is asked for tunnels, and how it wants to be asked.
///
/// @param address where it is
/// @param authority its name and port, which its certificate has to carry
/// @param udpTemplate its URI template of connect-udp
/// @param tcpTemplate its URI template of connect-tcp
/// @param tcpForm the form of connect-tcp it speaks
/// @param credentials what it is shown with each request
public record NextHop(
        InetSocketAddress address,
        HostPort authority,
        UriTemplate udpTemplate,
        UriTemplate tcpTemplate,
        ConnectTcp.Form tcpForm,
        RequestCredentials credentials) {

    /// What is sent, and how the payload travels once it is granted.
    record Ask(RequestHead head, Carriage carriage) {}

    /// The request for a tunnel over `line`; without a `scope` for a bind to every peer. Nothing
    /// where there are no credentials for that.
    ///
    /// TCP is asked for with classic CONNECT, except over HTTP/1.1, where only the capsules of
    /// connect-tcp can end one direction and not the other.
    Optional<Ask> ask(
            TunnelKind kind,
            Optional<HostPort> scope,
            HeaderFields fields,
            RequestCredentials.Line line) {
        var bare = ask(kind, scope, line.version(), fields);
        return credentials
                .on(bare.head(), line)
                .map(all -> new Ask(bare.head().with(all), bare.carriage()));
    }

    private Ask ask(
            TunnelKind kind, Optional<HostPort> scope, HttpVersion version, HeaderFields fields) {
        return switch (kind) {
            case TCP ->
                    version == HttpVersion.H1
                            ? new Ask(
                                    extended(
                                            tcpTemplate,
                                            tcpForm.token(),
                                            scope,
                                            fields.with(TunnelHeads.CAPSULE_PROTOCOL, "?1")),
                                    new Carriage.DataCapsules(tcpForm))
                            : new Ask(classic(scope, fields), new Carriage.Bytes());
            case UDP ->
                    new Ask(
                            extended(
                                    udpTemplate,
                                    TunnelHeads.CONNECT_UDP,
                                    scope,
                                    fields.with(TunnelHeads.CAPSULE_PROTOCOL, "?1")),
                            new Carriage.Datagrams(Set.of()));
            case BIND ->
                    new Ask(
                            extended(
                                    udpTemplate,
                                    TunnelHeads.CONNECT_UDP,
                                    scope,
                                    fields.with(TunnelHeads.CAPSULE_PROTOCOL, "?1")
                                            .with(TunnelHeads.CONNECT_UDP_BIND, "?1")),
                            new Carriage.Datagrams(Carriage.BIND_CAPSULES));
        };
    }

    private static RequestHead classic(Optional<HostPort> scope, HeaderFields fields) {
        return new RequestHead(
                TunnelHeads.CONNECT, null, scope.orElseThrow().toString(), null, null, fields);
    }

    private RequestHead extended(
            UriTemplate template, String token, Optional<HostPort> scope, HeaderFields fields) {
        var path =
                template.expandPath(
                        Map.of(
                                TunnelHeads.TARGET_HOST,
                                scope.map(HostPort::host).orElse("*"),
                                TunnelHeads.TARGET_PORT,
                                scope.map(to -> Integer.toString(to.port())).orElse("*")));
        return new RequestHead(
                TunnelHeads.CONNECT, "https", authority.toString(), path, token, fields);
    }

    /// The head of an ordinary request. Nothing where there are no credentials for it.
    Optional<RequestHead> head(PlainRequest request, RequestCredentials.Line line) {
        var fields = request.fields();
        int length = request.body().remaining();
        if (length > 0) {
            fields = fields.with("content-length", Integer.toString(length));
        }
        var bare =
                new RequestHead(
                        request.method(),
                        "https",
                        authority.toString(),
                        request.path(),
                        null,
                        fields);
        return credentials.on(bare, line).map(bare::with);
    }

    /// A relay that is shown nothing.
    public NextHop(
            InetSocketAddress address,
            HostPort authority,
            UriTemplate udpTemplate,
            UriTemplate tcpTemplate,
            ConnectTcp.Form tcpForm) {
        this(address, authority, udpTemplate, tcpTemplate, tcpForm, RequestCredentials.NONE);
    }

    /// The same relay, shown something.
    public NextHop with(RequestCredentials other) {
        return new NextHop(address, authority, udpTemplate, tcpTemplate, tcpForm, other);
    }

    /// A relay that serves the default template of connect-tcp in its newest form.
    public static NextHop of(
            InetSocketAddress address, HostPort authority, UriTemplate udpTemplate) {
        return new NextHop(
                address, authority, udpTemplate, UriTemplate.TCP, ConnectTcp.DRAFTS.getFirst());
    }
}
