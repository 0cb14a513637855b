package org.masquerelay.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.client.RelayClient;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.gate.basic.Hashes;
import org.masquerelay.http.Transports;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.testkit.DnsServer;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What the access log of an egress says of tunnels whose client, tenant and target are known, and
/// that no line joins them, however it is configured.
@Timeout(300)
final class AccessLogTest {
    private static final String NAME = "host-7f3a.secret-target.test";
    private static final String SUFFIX = "secret-target.test";

    /// Loopback addresses that nothing else here has.
    private static final String TARGET_ADDRESS = "127.83.171.221";

    private static final String CLIENT_ADDRESS = "127.94.203.189";

    private static final String TENANT = "tenant-9c41";
    private static final String LOGGER = "org.masquerelay.access";
    private static final HeaderFields CREDENTIALS =
            HeaderFields.of(
                    "proxy-authorization",
                    "Basic "
                            + Base64.getEncoder()
                                    .encodeToString((TENANT + ":one").getBytes(UTF_8)));

    @TempDir Path directory;

    /// All that the relay prints while tunnels run through it.
    private List<String> run(String... settings) throws Exception {
        var printed = new ByteArrayOutputStream();
        var out = System.out;
        System.setOut(new PrintStream(printed, true, UTF_8));
        try (var dns = DnsServer.start();
                var targets = new Echo()) {
            dns.addresses(NAME, TARGET_ADDRESS);
            try (var relay = OneHop.start(directory, arguments(dns, settings));
                    var between = Wiretap.start(InetAddress.getByName(CLIENT_ADDRESS))) {
                between.leadTo(relay.addresses().getFirst().getPort());
                for (var version : HttpVersion.values()) {
                    carry(between.port(), version, targets);
                }
                Await.until("all tunnels ended", () -> relay.activeTunnels() == 0);
            }
        } finally {
            System.setOut(out);
        }
        return printed.toString(UTF_8).lines().toList();
    }

    private List<String> arguments(DnsServer dns, String... settings) throws IOException {
        var users = directory.resolve("users");
        if (!Files.exists(users)) {
            Files.writeString(users, Hashes.line(TENANT, "one"));
        }
        return Stream.concat(
                        Stream.of(
                                "--relay.egress.allow-private=true",
                                "--relay.egress.clients=gated",
                                "--relay.auth.admit=basic",
                                "--relay.auth.basic.users-file=" + users,
                                "--relay.egress.resolver.servers[0]=127.0.0.1:"
                                        + dns.address().getPort()),
                        Stream.of(settings))
                .toList();
    }

    /// Tunnels that open, to a name and to an address, and some that do not.
    private void carry(int port, HttpVersion version, Echo targets) throws Exception {
        var settings =
                new RelayClient.Settings(
                        new HostPort("localhost", port),
                        "localhost",
                        DevelopmentPki.open(directory, Clock.systemUTC()).client(),
                        UriTemplate.UDP,
                        Duration.ofSeconds(20),
                        Transports.only(version));
        try (var client = RelayClient.connect(settings)) {
            try (var tunnel = client.openTcp(new HostPort(NAME, targets.tcp()), CREDENTIALS)) {
                tunnel.output().write("question".getBytes(UTF_8));
                tunnel.output().flush();
                assertThat(tunnel.input().readNBytes(8)).hasSize(8);
            }
            try (var tunnel =
                    client.openUdp(new HostPort(TARGET_ADDRESS, targets.udp()), CREDENTIALS)) {
                tunnel.send("question".getBytes(UTF_8));
                assertThat(tunnel.receive(Duration.ofSeconds(20))).isPresent();
            }
            for (var refused :
                    List.of(
                            new HostPort("none." + NAME, 443), // Which has no address.
                            new HostPort(NAME, 25))) { // A port that is denied.
                assertThatThrownBy(() -> client.openTcp(refused, CREDENTIALS).close())
                        .isInstanceOf(TunnelRefusedException.class);
            }
        }
    }

    private static List<JsonNode> lines(List<String> printed) {
        var mapper = JsonMapper.builder().build();
        return printed.stream()
                .filter(line -> line.contains(LOGGER))
                .map(line -> mapper.readTree(line.substring(line.indexOf('{'))))
                .toList();
    }

    /// No line anywhere, of this log or another, has two of who, from where and where to.
    private static void checkPrivacy(List<String> printed) {
        assertThat(printed).isNotEmpty();
        assertThat(printed)
                .as("nothing says where a client is")
                .noneMatch(line -> line.contains(CLIENT_ADDRESS));
        assertThat(printed)
                .as("no line says who goes where")
                .noneMatch(line ->
                        line.contains(TENANT)
                                && (line.contains(SUFFIX)
                                        || line.contains(TARGET_ADDRESS)
                                        || line.contains("\"port\"")));
        assertThat(printed)
                .as("and not by another line of the same tunnel")
                .noneMatch(line -> line.contains(TENANT) && has(printed, SUFFIX));
    }

    private static boolean has(List<String> printed, String text) {
        return printed.stream().anyMatch(line -> line.contains(text));
    }

    @Test
    void saysNothingUnlessItIsTurnedOn() throws Exception {
        var printed = run();
        checkPrivacy(printed);
        assertThat(lines(printed)).isEmpty();
        assertThat(has(printed, TENANT) || has(printed, SUFFIX) || has(printed, TARGET_ADDRESS))
                .isFalse();
    }

    @Test
    void hasAThreadAndAMeterOnlyWhereItIsTurnedOn() throws Exception {
        try (var relay = OneHop.start(directory, List.of())) {
            assertThat(relay.meters().find("masque.accesslog.dropped").functionCounter()).isNull();
            assertThat(isWriting()).isFalse();
        }
        try (var relay =
                OneHop.start(directory, List.of("--relay.egress.access-log.enabled=true"))) {
            assertThat(relay.meters().get("masque.accesslog.dropped").functionCounter().count())
                    .isZero();
            assertThat(isWriting()).isTrue();
        }
        assertThat(isWriting()).isFalse();
    }

    private static boolean isWriting() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("relay-access-log"));
    }

    @ParameterizedTest
    @CsvSource({
        "none, false, false, false, false, false",
        "none, true, true, false, false, false",
        "port, false, false, true, false, false",
        "name-suffix, false, false, true, true, false",
        "full, false, false, true, true, true"
    })
    void saysAsMuchAsItIsToldToAndNeverWhoGoesWhere(
            String target,
            boolean tenant,
            boolean saysWho,
            boolean saysPort,
            boolean saysSuffix,
            boolean saysAll)
            throws Exception {
        var printed =
                run(
                        "--relay.egress.access-log.enabled=true",
                        "--relay.egress.access-log.sample=1",
                        "--relay.egress.access-log.target=" + target,
                        "--relay.egress.access-log.tenant=" + tenant);
        checkPrivacy(printed);

        var lines = lines(printed);
        assertThat(lines).hasSize(12);
        assertThat(lines.stream().map(line -> line.get("id").stringValue()).distinct())
                .hasSize(12)
                .allMatch(id -> id.matches("[0-9a-f]{16}"));
        assertThat(lines).allMatch(line -> line.has("port") == saysPort);
        assertThat(lines).allMatch(line -> line.has("tenant") == saysWho);
        assertThat(has(printed, TENANT)).isEqualTo(saysWho);
        assertThat(has(printed, SUFFIX)).isEqualTo(saysSuffix);
        assertThat(has(printed, NAME)).isEqualTo(saysAll);
        assertThat(has(printed, TARGET_ADDRESS)).isEqualTo(saysAll);
        for (var version : HttpVersion.values()) {
            checkTunnels(of(lines, version), version);
        }
    }

    private static List<JsonNode> of(List<JsonNode> lines, HttpVersion version) {
        return lines.stream()
                .filter(line -> line.get("transport").stringValue().equals(version.tag()))
                .toList();
    }

    private static void checkTunnels(List<JsonNode> lines, HttpVersion version) {
        var tunnels = new ArrayList<JsonNode>();
        var errors = new ArrayList<String>();
        for (var line : lines) {
            assertThat(line.get("listener").stringValue()).isEqualTo("main");
            assertThat(line.get("time").stringValue())
                    .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");
            assertThat(line.get("setup_ms").longValue()).isBetween(0L, 60_000L);
            if (line.get("outcome").stringValue().equals("tunnel")) {
                tunnels.add(line);
            } else {
                errors.add(
                        line.get("status").intValue()
                                + " "
                                + line.get("proxy_error").stringValue()
                                + " "
                                + line.get("reason").stringValue());
            }
        }
        assertThat(errors)
                .containsExactlyInAnyOrder(
                        "502 dns_error dns_error", "403 http_request_denied forbidden");
        assertThat(tunnels).hasSize(2);
        for (var tunnel : tunnels) {
            boolean isUdp = tunnel.get("protocol").stringValue().equals("udp");
            assertThat(tunnel.get("status").intValue())
                    .isEqualTo(version == HttpVersion.H1 ? 101 : 200);
            assertThat(tunnel.get("bytes_in").longValue()).isEqualTo(8);
            assertThat(tunnel.get("bytes_out").longValue()).isEqualTo(8);
            assertThat(tunnel.has("datagrams_in")).isEqualTo(isUdp);
            if (isUdp) {
                assertThat(tunnel.get("datagrams_in").longValue()).isOne();
                assertThat(tunnel.get("datagrams_out").longValue()).isOne();
            }
            assertThat(tunnel.get("duration_ms").longValue()).isBetween(0L, 60_000L);
        }
    }

    @Test
    void hasFieldsInTheFormatOfElastic() throws Exception {
        var printed =
                run(
                        "--logging.config=classpath:structured-logs.xml",
                        "--logging.structured.format.console=ecs",
                        "--relay.egress.access-log.enabled=true",
                        "--relay.egress.access-log.sample=1",
                        "--relay.egress.access-log.target=port");
        checkPrivacy(printed);
        var mapper = JsonMapper.builder().build();
        var lines =
                printed.stream()
                        .filter(line -> line.contains(LOGGER))
                        .map(mapper::readTree)
                        .toList();
        assertThat(lines).hasSize(12);
        for (var line : lines) {
            assertThat(line.at("/log/logger").stringValue()).isEqualTo(LOGGER);
            assertThat(line.at("/tunnel/id").stringValue()).matches("[0-9a-f]{16}");
            assertThat(line.at("/tunnel/protocol").stringValue()).isIn("tcp", "udp");
            assertThat(line.at("/tunnel/port").intValue()).isPositive();
        }
    }

    @Test
    void drawsALotForEachTunnel() throws Exception {
        var printed =
                run("--relay.egress.access-log.enabled=true", "--relay.egress.access-log.sample=0");
        assertThat(lines(printed)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"port", "name-suffix", "full"})
    void isRefusedToSayWhoWentWhere(String target) {
        assertThatThrownBy(() ->
                        OneHop.start(
                                directory,
                                List.of(
                                        "--relay.egress.access-log.target=" + target,
                                        "--relay.egress.access-log.tenant=true")))
                .hasStackTraceContaining(
                        "relay.egress.access-log.tenant would have one log say who went where");
    }

    /// Targets that answer with what they hear.
    private static final class Echo implements AutoCloseable {
        private final ServerSocket tcp;
        private final DatagramSocket udp;

        Echo() throws IOException {
            var address = InetAddress.getByName(TARGET_ADDRESS);
            tcp = new ServerSocket(0, 50, address);
            udp = new DatagramSocket(0, address);
            Thread.ofVirtual().start(this::serve);
            Thread.ofVirtual().start(this::answer);
        }

        int tcp() {
            return tcp.getLocalPort();
        }

        int udp() {
            return udp.getLocalPort();
        }

        private void serve() {
            try {
                while (true) {
                    var client = tcp.accept();
                    Thread.ofVirtual()
                            .start(() -> {
                                try (client) {
                                    client.getInputStream().transferTo(client.getOutputStream());
                                } catch (IOException _) {
                                    // Gone.
                                }
                            });
                }
            } catch (IOException _) {
                // Closed.
            }
        }

        private void answer() {
            var packet = new DatagramPacket(new byte[2048], 2048);
            try {
                while (true) {
                    packet.setLength(2048);
                    udp.receive(packet);
                    udp.send(packet);
                }
            } catch (IOException _) {
                // Closed.
            }
        }

        @Override
        public void close() throws IOException {
            tcp.close();
            udp.close();
        }
    }
}
