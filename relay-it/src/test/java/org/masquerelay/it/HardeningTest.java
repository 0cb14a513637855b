package org.masquerelay.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.client.RelayClient;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.client.UdpTunnel;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.pki.Pem;
import org.masquerelay.testkit.CapsuleBytes;
import org.masquerelay.testkit.ClientCa;
import org.masquerelay.testkit.ClientCa.Client;
import org.masquerelay.testkit.RawClient;
import org.masquerelay.testkit.RawTunnel;
import org.masquerelay.testkit.UdpForwarder;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.wire.HostPort;

/// The table *Expected Behaviour* of the hardening guide: what an egress with its policy off does,
/// and what one with its policy on does instead.
///
/// A row is a line of [#rows]; what it needs of the two relays is in [#off] and [#on].
@Timeout(180)
final class HardeningTest {
    private static final ClientCa CA = ClientCa.root("clients");
    private static final String FINANCE = "spiffe://gw/tenant/finance";
    private static final int TUNNELS_PER_TENANT = 2;
    private static final long UNKNOWN_CAPSULE = 0x1337;

    /// A small part of the ports, as a rule below those that the system takes by itself.
    private static final int FIRST_PORT = 20_000;

    private static final int LAST_PORT = 20_999;
    private static final int TRIES = 20;
    private static final String FINANCE_ADDRESS = "127.0.0.7";

    /// The second listener of the relay with its policy on: no TLS without a certificate.
    private static final int MTLS = 1;

    @TempDir static Path directory;

    private static Targets allowed;
    private static Targets other;
    private static OneHop off;
    private static OneHop on;

    /// A target that tells where datagrams come from.
    private static DatagramSocket observer;

    /// One line of the table.
    private record Row(String signal, Expectation before, Expectation after) {
        Stream<DynamicNode> tests() {
            return Stream.of(
                    DynamicTest.dynamicTest(signal + ": before: " + before.says(), before.check()),
                    DynamicTest.dynamicTest(signal + ": after: " + after.says(), after.check()));
        }
    }

    private record Expectation(String says, Executable check) {}

    @TestFactory
    Stream<DynamicNode> rows() {
        return Stream.of(
                        new Row(
                                "anonymous client",
                                new Expectation("tunnel established", this::letsAnybodyIn),
                                new Expectation(
                                        "401, or the TLS handshake fails", this::letsNobodyIn)),
                        new Row(
                                "target that is not on the list",
                                new Expectation("tunnel established", this::goesAnywhere),
                                new Expectation("403", this::goesWhereTheListSays)),
                        // R0 X5: who comes from elsewhere with the same ID may be behind a NAT that
                        // forgot it, so it is told and not rejected.
                        new Row(
                                "connection ID that stays the same when the address changes",
                                new Expectation("nobody learns of it", this::saysNothingOfMoves),
                                new Expectation(
                                        "counted and in qlog, and tunnels go on",
                                        this::tellsOfMoves)),
                        new Row(
                                "capsule of an unknown type",
                                new Expectation("accepted in silence", this::ignoresCapsules),
                                new Expectation(
                                        "its tunnel is reset, and it is counted",
                                        this::rejectsCapsules)),
                        new Row(
                                "tunnels at a time of one tenant",
                                new Expectation("unbounded", this::opensAnyNumber),
                                new Expectation("429 once exceeded", this::opensSoManyForATenant)),
                        new Row(
                                "source ports",
                                new Expectation("the system's", this::startsFromAnyPort),
                                new Expectation("of one range", this::startsFromPortsOfTheRange)),
                        new Row(
                                "source address",
                                new Expectation("one for all", this::startsFromOneAddress),
                                new Expectation(
                                        "that of the tenant", this::startsFromTheTenantsAddress)),
                        new Row(
                                "qlog",
                                new Expectation("none", this::writesNothingDown),
                                new Expectation(
                                        "a file for each connection, without target or tenant",
                                        this::writesConnectionsDown)))
                .flatMap(Row::tests);
    }

    private static List<String> off() {
        return List.of(
                "--relay.egress.clients=any",
                "--relay.egress.allow-private=true",
                "--relay.qlog.directory=" + directory.resolve("no-qlog"));
    }

    private static List<String> on() throws Exception {
        return List.of(
                "--relay.profile=hardened",
                "--relay.egress.clients=gated",
                "--relay.auth.admit=mtls,token",
                "--relay.auth.issuer-name=egress.example",
                "--relay.listeners[0].client-trust=file:" + authority(),
                "--relay.listeners[1].name=mtls",
                "--relay.listeners[1].address=127.0.0.1",
                "--relay.listeners[1].port=0",
                "--relay.listeners[1].client-auth=require",
                "--relay.listeners[1].client-trust=file:" + authority(),
                "--relay.egress.policy.file=" + policy(),
                "--relay.egress.source.port-range=" + FIRST_PORT + "-" + LAST_PORT,
                "--relay.egress.source.tenants[0].id=" + FINANCE,
                "--relay.egress.source.tenants[0].ipv4=" + FINANCE_ADDRESS,
                "--relay.qlog.enabled=true",
                "--relay.qlog.compress=false",
                "--relay.qlog.directory=" + directory.resolve("qlog"),
                "--relay.egress.max-tunnels-per-tenant=" + TUNNELS_PER_TENANT);
    }

    private static Path policy() throws IOException {
        return Files.writeString(
                directory.resolve("policy"),
                "# tenant SAN URI protocol destination ports dscp\n"
                        + FINANCE
                        + " udp 127.0.0.1 "
                        + allowed.udp().port()
                        + ','
                        + observer.getLocalPort()
                        + " af11\n");
    }

    private static Path authority() throws Exception {
        return Files.writeString(
                directory.resolve("clients.crt"), Pem.text(List.of(CA.certificate())));
    }

    @BeforeAll
    static void start() throws Exception {
        allowed = new Targets();
        other = new Targets();
        observer = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"));
        observer.setSoTimeout(10_000);
        off = OneHop.start(directory, off());
        on = OneHop.start(directory, on());
    }

    @AfterAll
    static void stop() throws IOException {
        on.close();
        off.close();
        observer.close();
        other.close();
        allowed.close();
    }

    private static TlsMaterial anonymous() throws Exception {
        return DevelopmentPki.open(directory, Clock.systemUTC()).client();
    }

    private static TlsMaterial finance() throws Exception {
        return CA.issue(Client.of("finance", FINANCE), anonymous().anchors());
    }

    private static void echoes(RelayClient client, HostPort target) throws IOException {
        try (var tunnel = client.openUdp(target, HeaderFields.NONE)) {
            echoes(tunnel);
        }
    }

    private static void echoes(UdpTunnel tunnel) throws IOException {
        tunnel.send("ping".getBytes(UTF_8));
        assertThat(tunnel.receive(Duration.ofSeconds(10)))
                .hasValueSatisfying(answer -> assertThat(answer).asString().isEqualTo("ping"));
    }

    private static TunnelRefusedException refused(RelayClient client, HostPort target) {
        return catchThrowableOfType(
                TunnelRefusedException.class, () -> client.openUdp(target, HeaderFields.NONE));
    }

    private void letsAnybodyIn() throws Exception {
        for (var version : HttpVersion.values()) {
            try (var client = off.connect(anonymous(), version)) {
                echoes(client, allowed.udp());
            }
        }
    }

    private void letsNobodyIn() throws Exception {
        for (var version : HttpVersion.values()) {
            try (var client = on.connect(anonymous(), version)) {
                assertThat(refused(client, allowed.udp()).status()).isEqualTo(401);
            }
            assertThatThrownBy(
                            () -> {
                                try (var client = on.connect(MTLS, anonymous(), version)) {
                                    client.openUdp(allowed.udp(), HeaderFields.NONE);
                                }
                            })
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(TunnelRefusedException.class);
            try (var client = on.connect(MTLS, finance(), version)) {
                echoes(client, allowed.udp());
            }
            awaitNoTunnel();
        }
    }

    private void goesAnywhere() throws Exception {
        try (var client = off.connect(anonymous(), HttpVersion.H3)) {
            echoes(client, other.udp());
            client.openTcp(other.tcp(), HeaderFields.NONE).close();
        }
    }

    private void goesWhereTheListSays() throws Exception {
        for (var version : HttpVersion.values()) {
            try (var client = on.connect(finance(), version)) {
                echoes(client, allowed.udp());
                var port = refused(client, other.udp());
                assertThat(port.status()).isEqualTo(403);
                assertThat(port.fields().first("proxy-status").orElseThrow())
                        .contains("error=http_request_denied");
                var address = refused(client, new HostPort("127.0.0.2", allowed.udp().port()));
                assertThat(address.status()).isEqualTo(403);
                assertThat(address.fields().first("proxy-status").orElseThrow())
                        .contains("error=destination_ip_prohibited");
                var protocol =
                        catchThrowableOfType(
                                TunnelRefusedException.class,
                                () -> client.openTcp(allowed.udp(), HeaderFields.NONE));
                assertThat(protocol.status()).isEqualTo(403);
                // The last one of the guide's verification snippets.
                assertThat(refused(client, new HostPort("10.0.0.1", 22)).status()).isEqualTo(403);
            }
            awaitNoTunnel();
        }
    }

    private static void moves(OneHop relay, TlsMaterial tls) throws Exception {
        try (var nat = new UdpForwarder(relay.addresses().getFirst());
                var client = OneHop.connect(nat.address(), tls, HttpVersion.H3);
                var tunnel = client.openUdp(allowed.udp(), HeaderFields.NONE)) {
            echoes(tunnel);
            nat.rebind();
            echoes(tunnel);
        }
    }

    private void saysNothingOfMoves() throws Exception {
        moves(off, anonymous());
        assertThat(directory.resolve("no-qlog")).doesNotExist();
    }

    private void tellsOfMoves() throws Exception {
        awaitNoTunnel();
        moves(on, finance());
        Await.until("the move is counted", () -> on.counted("quic.migrations") == 1);
        Await.until("the move is written down", () -> isWrittenDown("peer_migrated"));
    }

    private void ignoresCapsules() throws Exception {
        try (var client = raw(off, anonymous())) {
            var tunnel = ask(client);
            tunnel.send(CapsuleBytes.capsule(UNKNOWN_CAPSULE, new byte[] {1}));
            echoes(tunnel);
        }
        assertThat(off.counted("masque.capsules.rejected")).isZero();
    }

    private void rejectsCapsules() throws Exception {
        try (var client = raw(on, finance())) {
            var neighbour = ask(client);
            var tunnel = ask(client);
            tunnel.send(CapsuleBytes.capsule(UNKNOWN_CAPSULE, new byte[] {1}));
            tunnel.awaitReset(ResetCause.MESSAGE_ERROR);
            // R0 X1: the stream, and never the whole connection.
            echoes(neighbour);
        }
        assertThat(on.counted("masque.capsules.rejected")).isEqualTo(1);
        awaitNoTunnel();
    }

    /// Over HTTP/2, where datagrams are capsules too.
    private static RawClient raw(OneHop relay, TlsMaterial tls) throws IOException {
        return RawClient.connect(HttpVersion.H2, relay.addresses().getFirst(), tls);
    }

    private static RawTunnel ask(RawClient client) throws Exception {
        var tunnel =
                client.upgrade(
                        "connect-udp",
                        "/.well-known/masque/udp/127.0.0.1/" + allowed.udp().port() + "/",
                        "capsule-protocol",
                        "?1");
        assertThat(tunnel.awaitHead().opens()).isTrue();
        return tunnel;
    }

    private static void echoes(RawTunnel tunnel) throws Exception {
        var datagram = CapsuleBytes.udp("ping".getBytes(UTF_8));
        tunnel.send(datagram);
        assertThat(tunnel.awaitBytes(datagram.length)).isEqualTo(datagram);
    }

    private void opensAnyNumber() throws Exception {
        try (var client = off.connect(anonymous(), HttpVersion.H3)) {
            for (var tunnel : open(client, 10 * TUNNELS_PER_TENANT)) {
                echoes(tunnel);
                tunnel.close();
            }
        }
    }

    private void opensSoManyForATenant() throws Exception {
        awaitNoTunnel();
        try (var client = on.connect(finance(), HttpVersion.H3);
                var again = on.connect(finance(), HttpVersion.H2)) {
            var tunnels = open(client, TUNNELS_PER_TENANT);
            var refused = refused(again, allowed.udp());
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.fields().first("retry-after")).isPresent();
            for (var tunnel : tunnels) {
                echoes(tunnel);
                tunnel.close();
            }
            awaitNoTunnel();
            echoes(again, allowed.udp());
        }
    }

    private InetSocketAddress sourceOf(OneHop relay, TlsMaterial tls) throws Exception {
        try (var client = relay.connect(tls, HttpVersion.H3);
                var tunnel =
                        client.openUdp(
                                new HostPort("127.0.0.1", observer.getLocalPort()),
                                HeaderFields.NONE)) {
            tunnel.send("ping".getBytes(UTF_8));
            var packet = new DatagramPacket(new byte[16], 16);
            observer.receive(packet);
            return (InetSocketAddress) packet.getSocketAddress();
        }
    }

    private void startsFromAnyPort() throws Exception {
        // Of the system's range, which may be a wide one: sooner or later it is outside of ours.
        var seen = new HashSet<Integer>();
        for (int i = 0; i < TRIES && seen.stream().allMatch(HardeningTest::isOfTheRange); i++) {
            seen.add(sourceOf(off, anonymous()).getPort());
        }
        assertThat(seen).anyMatch(port -> !isOfTheRange(port));
    }

    private static boolean isOfTheRange(int port) {
        return port >= FIRST_PORT && port <= LAST_PORT;
    }

    private void startsFromPortsOfTheRange() throws Exception {
        awaitNoTunnel();
        assertThat(sourceOf(on, finance()).getPort()).isBetween(FIRST_PORT, LAST_PORT);
    }

    private void startsFromOneAddress() throws Exception {
        assertThat(sourceOf(off, anonymous()).getHostString()).isEqualTo("127.0.0.1");
    }

    private void startsFromTheTenantsAddress() throws Exception {
        awaitNoTunnel();
        assertThat(sourceOf(on, finance()).getHostString()).isEqualTo(FINANCE_ADDRESS);
    }

    private void writesNothingDown() throws Exception {
        try (var client = off.connect(anonymous(), HttpVersion.H3)) {
            echoes(client, allowed.udp());
        }
        assertThat(directory.resolve("no-qlog")).doesNotExist();
    }

    private void writesConnectionsDown() throws Exception {
        awaitNoTunnel();
        try (var client = on.connect(finance(), HttpVersion.H3)) {
            echoes(client, allowed.udp());
        }
        Await.until(
                "a closed connection with a tunnel is written down",
                () -> isWrittenDown("connection_closed"));
    }

    /// Of a connection with a tunnel.
    private boolean isWrittenDown(String event) {
        try (var files = Files.list(directory.resolve("qlog"))) {
            for (var file : files.toList()) {
                String text = Files.readString(file);
                assertThat(text)
                        .doesNotContain("finance")
                        .doesNotContain("127.0.0.1")
                        .doesNotContain(":" + allowed.udp().port());
                if (text.contains("tunnel_open") && text.contains(event)) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<UdpTunnel> open(RelayClient client, int count) throws IOException {
        var tunnels = new ArrayList<UdpTunnel>();
        for (int i = 0; i < count; i++) {
            tunnels.add(client.openUdp(allowed.udp(), HeaderFields.NONE));
        }
        return tunnels;
    }

    private static void awaitNoTunnel() {
        Await.until("no tunnel is open", () -> on.activeTunnels() == 0);
    }
}
