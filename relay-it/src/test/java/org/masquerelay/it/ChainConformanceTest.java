package org.masquerelay.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.util.LeakPresenceDetector;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.cli.token.ConnectedRelay;
import org.masquerelay.client.RelayClient;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.testkit.CapsuleBytes;
import org.masquerelay.testkit.H3Bytes;
import org.masquerelay.testkit.RawBytes;
import org.masquerelay.testkit.RawH3Client;
import org.masquerelay.testkit.RawH3Server;
import org.masquerelay.testkit.ScriptedRelay;
import org.masquerelay.testkit.Wire;
import org.masquerelay.testkit.WireExchange;
import org.masquerelay.testkit.WireRequest;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;

/// RFC 9297 on the ingress as an intermediary: every HTTP version of the client, over each between
/// the relays, towards an egress whose bytes can be seen.
@Timeout(90)
@ParameterizedClass(name = "upstream {0}")
@EnumSource(HttpVersion.class)
final class ChainConformanceTest {
    private static final byte[] PING = "ping".getBytes(UTF_8);

    private final HttpVersion upstream;

    @TempDir private Path directory;
    private DevelopmentPki pki;
    private ScriptedRelay egress;
    private TwoHops hops;
    private ConnectedRelay payer;

    ChainConformanceTest(HttpVersion upstream) {
        this.upstream = upstream;
    }

    @BeforeEach
    void start() throws Exception {
        pki = DevelopmentPki.open(directory, Clock.systemUTC());
        egress = ScriptedRelay.start(upstream, pki.egressServer());
        hops =
                TwoHops.start(
                        directory,
                        List.of("--relay.event-loops=1"),
                        List.of(
                                "--relay.event-loops=1",
                                "--relay.upstream.transports=" + upstream.tag()),
                        egress.address().getPort());
        payer = hops.connect();
    }

    @AfterEach
    void stop() {
        payer.close();
        egress.close();
        hops.close();
        LeakPresenceDetector.check();
    }

    private InetSocketAddress ingress() throws Exception {
        RelayClient.Settings settings = hops.clientSettings();
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), settings.relay().port());
    }

    private WireRequest request() throws Exception {
        HeaderFields payment = hops.payment(payer);
        var request = WireRequest.udp("192.0.2.7", 7).with("capsule-protocol", "?1");
        for (var field : payment) {
            request = request.with(field.name(), field.value());
        }
        return request;
    }

    private interface Script {
        void run(WireExchange client, ScriptedRelay.Incoming server) throws Exception;
    }

    private void overEveryVersion(Script script) throws Exception {
        for (var version : HttpVersion.values()) {
            try (var wire = Wire.to(version, ingress(), pki.client())) {
                var client = wire.ask(request());
                var server = egress.next();
                server.answer(200, "capsule-protocol", "?1");
                assertThat(client.status()).as(version.tag()).isEqualTo(wire.opened());
                script.run(client, server);
            }
        }
    }

    @Test
    @DisplayName("R1 3.2 (I), case 37: unknown capsules travel through both ways, byte for byte")
    void forwardsUnknownCapsules() throws Exception {
        var capsules =
                RawBytes.concat(
                        CapsuleBytes.capsule(0xcafef00dL, "round trip".getBytes(UTF_8)),
                        CapsuleBytes.capsule(0x29 * 7 + 0x17, new byte[0]),
                        ByteBufUtil.decodeHexDump("c000000000000042" + "4003" + "010203"));
        overEveryVersion((client, server) -> {
            for (byte octet : capsules) {
                client.send(new byte[] {octet});
            }
            assertThat(server.bytes(capsules.length)).isEqualTo(capsules);
            server.send(capsules);
            assertThat(client.bytes(capsules.length)).isEqualTo(capsules);
        });
    }

    @Test
    @DisplayName("case 93: the request is what the version of the next hop wants")
    void normalisesTheRequest() throws Exception {
        for (var version : HttpVersion.values()) {
            try (var wire = Wire.to(version, ingress(), pki.client())) {
                var client = wire.ask(request());
                var server = egress.next();
                assertThat(server.path()).isEqualTo("/.well-known/masque/udp/192.0.2.7/7/");
                var fields = server.fields();
                assertThat(fields.all("capsule-protocol")).containsExactly("?1");
                assertThat(fields.contains("authorization")).isFalse();
                assertThat(fields.contains("proxy-authorization")).isFalse();
                if (upstream == HttpVersion.H1) {
                    assertThat(fields.all("upgrade")).containsExactly("connect-udp");
                    assertThat(fields.all("host")).hasSize(1);
                } else {
                    assertThat(fields.all(":protocol")).containsExactly("connect-udp");
                    assertThat(fields.contains("upgrade")).isFalse();
                    assertThat(fields.contains("connection")).isFalse();
                    assertThat(fields.contains("host")).isFalse();
                }
                server.answer(200);
                assertThat(client.status()).isEqualTo(wire.opened());
            }
        }
    }

    @Test
    @DisplayName("R1 3.5 (I): a datagram too long for the next hop's frames is dropped")
    void dropsWhatIsTooLong() throws Exception {
        var h3 = upstream == HttpVersion.H3 ? (RawH3Server) egress : null;
        overEveryVersion((client, server) -> {
            client.send(CapsuleBytes.udp(new byte[5000]));
            client.send(CapsuleBytes.udp(PING));
            if (h3 != null) {
                assertThat(h3.nextDatagram()).endsWith(PING).hasSize(2 + PING.length);
                client.finish();
            } else {
                // Where datagrams are capsules, nothing is too long.
                server.bytes(CapsuleBytes.udp(new byte[5000]).length);
                assertThat(server.bytes(7)).isEqualTo(CapsuleBytes.udp(PING));
            }
        });
    }

    @Test
    @DisplayName("R1 3.5 (I): QUIC datagrams stay QUIC datagrams where the next hop has them")
    void keepsDatagrams() throws Exception {
        try (var client = RawH3Client.connect(ingress(), pki.client())) {
            client.peerSettings();
            var request = request();
            var stream = client.request(request.section());
            var server = egress.next();
            server.answer(200, "capsule-protocol", "?1");
            assertThat(stream.status()).isEqualTo(200);
            client.datagram(H3Bytes.udpDatagram(stream.id(), PING));
            if (egress instanceof RawH3Server h3) {
                var datagram = h3.nextDatagram();
                assertThat(datagram).endsWith(PING).hasSize(2 + PING.length);
                // Behind it an unknown capsule, which is the first content of the stream.
                var capsule = CapsuleBytes.capsule(0x1337, PING);
                stream.data(capsule);
                assertThat(server.bytes(capsule.length)).isEqualTo(capsule);
                h3.datagram(H3Bytes.udpDatagram(datagram[0] * 4L, PING));
            } else {
                assertThat(server.bytes(7)).isEqualTo(CapsuleBytes.udp(PING));
                server.send(CapsuleBytes.udp(PING));
            }
            assertThat(client.nextDatagram())
                    .isEqualTo(ByteBufUtil.getBytes(H3Bytes.udpDatagram(stream.id(), PING)));
        }
    }
}
