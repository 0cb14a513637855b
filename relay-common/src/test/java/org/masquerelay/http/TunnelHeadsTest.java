package org.masquerelay.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.masquerelay.http.TunnelHeads.Reading;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.Peer;
import org.masquerelay.tunnel.RequestHead;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;

@Timeout(30)
final class TunnelHeadsTest {
    private static final Peer PEER =
            new Peer(new InetSocketAddress(0), List.of(), "h3", HttpVersion.H3);
    private static final UriTemplate QUERY =
            UriTemplate.parse(
                    "https://relay.test/udp{?target_host,target_port}",
                    Set.of("target_host", "target_port"));

    private final TunnelHeads heads =
            new TunnelHeads(
                    new Offer(
                            List.of(UriTemplate.UDP, QUERY), ConnectTcp.STANDARD, true, Set.of()));

    /// "udp localhost:1337", "plain /path" or a status.
    private String read(
            String method,
            @Nullable String scheme,
            @Nullable String authority,
            @Nullable String path,
            @Nullable String protocol,
            HeaderFields fields) {
        var head = new RequestHead(method, scheme, authority, path, protocol, fields);
        return switch (heads.read(head, PEER)) {
            case Reading.Tunnel(var request, _) -> request.kind().tag() + " " + request.target();
            case Reading.Nowhere nowhere -> "nowhere " + nowhere.request().kind().tag();
            case Reading.Plain plain -> "plain " + plain.path();
            case Reading.Wrong(var refusal) -> Integer.toString(refusal.status());
        };
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "/.well-known/masque/udp/localhost/1337/ | udp localhost:1337",
                "/.well-known/masque/udp/%3A%3A1/1234/ | udp [::1]:1234",
                "/udp?target_host=1.2.3.4&target_port=9999 | udp 1.2.3.4:9999",
                "/udp?target_host=%3A%3A1&target_port=1234 | udp [::1]:1234",
                "/udp?target_host=&target_port=80 | 400",
                "/udp?target_host=a.test&target_port=foobar | 400",
                "/udp?target_host=a.test&target_port=70000 | 400",
                "/udp?target_host=a.test&target_port=0 | 400",
                "/udp?target_host=a.test | 400",
                "/.well-known/masque/udp/a.test/80 | 404",
                "/other | 404"
            })
    void readsConnectUdp(String path, String expected) {
        assertThat(read("CONNECT", "https", "relay.test", path, "connect-udp", HeaderFields.NONE))
                .isEqualTo(expected);
    }

    @Test
    void readsClassicConnect() {
        assertThat(read("CONNECT", null, "a.test:443", null, null, HeaderFields.NONE))
                .isEqualTo("tcp a.test:443");
        assertThat(read("CONNECT", null, "[::1]:443", null, null, HeaderFields.NONE))
                .isEqualTo("tcp [::1]:443");
        assertThat(read("CONNECT", null, null, null, null, HeaderFields.NONE)).isEqualTo("400");
        assertThat(read("CONNECT", "https", "a.test:443", "/", null, HeaderFields.NONE))
                .isEqualTo("400");
    }

    @Test
    void leavesOrdinaryRequestsToWhatIsServedBeside() {
        assertThat(read("GET", "https", "a", "/health?x=1", null, HeaderFields.NONE))
                .isEqualTo("plain /health?x=1");
        assertThat(read("GET", "https", "a", null, null, HeaderFields.NONE)).isEqualTo("400");
        assertThat(read("GET", "http", "a", "/", null, HeaderFields.NONE)).isEqualTo("501");
        var template = "/udp?target_host=a.test&target_port=80";
        assertThat(read("GET", "https", "a", template, null, HeaderFields.NONE)).isEqualTo("405");
        assertThat(read("GET", "https", "a", "/x", "connect-udp", HeaderFields.NONE))
                .isEqualTo("400");
    }

    @Test
    void servesNoOtherProtocol() {
        assertThat(read("CONNECT", "https", "a", "/", "websocket", HeaderFields.NONE))
                .isEqualTo("501");
        assertThat(read("CONNECT", "https", "a", "/", "connect-UDP", HeaderFields.NONE))
                .isEqualTo("501");
    }

    @Test
    void readsWhatItAsks() {
        for (var target :
                List.of(
                        new HostPort("a.test", 443),
                        new HostPort("::1", 1),
                        new HostPort("192.0.2.1", 65535))) {
            for (var kind : TunnelKind.values()) {
                for (var version : HttpVersion.values()) {
                    readsWhatItAsks(kind, Optional.of(target), version);
                }
            }
        }
        readsWhatItAsks(TunnelKind.BIND, Optional.empty(), HttpVersion.H3);
    }

    private void readsWhatItAsks(TunnelKind kind, Optional<HostPort> scope, HttpVersion version) {
        var hop =
                NextHop.of(
                        new InetSocketAddress(0),
                        new HostPort("relay.test", 4433),
                        UriTemplate.UDP);
        var line = new RequestCredentials.Line(version, Optional::empty);
        var ask = hop.ask(kind, scope, HeaderFields.of("x", "y"), line).orElseThrow();
        assertThat(ask.head().fields().first("x")).contains("y");
        assertThat(ask.head().fields().contains("capsule-protocol"))
                .isEqualTo(kind.isDatagrams() || version == HttpVersion.H1);
        assertThat(heads.read(ask.head(), PEER))
                .isInstanceOfSatisfying(
                        Reading.Tunnel.class,
                        tunnel -> {
                            assertThat(tunnel.request().scope()).isEqualTo(scope);
                            assertThat(tunnel.request().kind()).isEqualTo(kind);
                            assertThat(tunnel.carriage()).isEqualTo(ask.carriage());
                        });
    }
}
