package org.masquerelay.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.github.dockerjava.api.model.Capability;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledIfEnvironmentVariable;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.masquerelay.cli.Console;
import org.masquerelay.cli.RelayCommand;
import org.masquerelay.cli.http.TargetTrust;
import org.masquerelay.cli.targets.DnsZone;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.pki.Pem;
import org.masquerelay.wire.HostPort;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;

/// The images of Dockerfile, run by docker-compose.yml, as clients on this machine reach them.
@EnabledIf("jarsAreThere")
@DisabledIfEnvironmentVariable(
        named = "RELAY_TEST_CONTAINERS",
        matches = "later",
        disabledReason = "is run by itself")
@Testcontainers(disabledWithoutDocker = true)
@Timeout(300)
final class ContainersTest {
    private static final int UDP_TALKS = 24;
    private static final int TCP_TALKS = 6;

    /// Panels of what has not happened, or is not configured.
    private static final Set<String> WITHOUT_DATA = Set.of("Datagrams dropped", "Policy in force");

    /// How fast new tunnels are with another egress.
    private static final Duration MOVED_WITHIN = Duration.ofSeconds(2);

    @Container private static final ComposedStack STACK = new ComposedStack();

    @TempDir private static Path directory;

    private static Path ca;
    private static Path targetCertificate;
    private static TargetTrust targets;

    private final List<AutoCloseable> open = new ArrayList<>();

    /// `./mvnw test` makes none.
    static boolean jarsAreThere() {
        return Stream.of("ingress-app", "egress-app", "relay-cli")
                .allMatch(module ->
                        Files.exists(Path.of("..", module, "target", module + "-exec.jar")));
    }

    @BeforeAll
    static void fetchCertificates() throws Exception {
        ca = STACK.copy("ingress", "/etc/masque-relay/keys/server-ca.crt", directory);
        targetCertificate = STACK.copy("target", "/keys/target/target.crt", directory);
        targets = new TargetTrust.Only(Pem.certificates(Files.readString(targetCertificate)));
    }

    @AfterEach
    void closeAll() throws Exception {
        for (var each : open.reversed()) {
            each.close();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, h3",
        "127.0.0.1, h2",
        "127.0.0.1, h1",
        "[::1], h3",
        "[::1], h2",
        "[::1], h1"
    })
    void carriesTcpAndUdpFromPublishedPortsOfBothFamilies(String host, String version)
            throws Exception {
        var relay = host + ":" + STACK.ingressPort();
        assertThat(page(relay, version))
                .contains("This page came through an ingress and an egress");
        assertThat(greeting(relay, version)).contains(DnsZone.GREETING_TEXT);
    }

    private static String page(String relay, String version) throws Exception {
        return run(
                "get",
                relay,
                version,
                "--cacert",
                targetCertificate.toString(),
                "https://target:8443/");
    }

    private static String greeting(String relay, String version) throws Exception {
        return run(
                "udp", relay, version, "target:5300", "--dns", DnsZone.GREETING, "--type", "TXT");
    }

    @Test
    void runsWithoutRightsOnReadOnlyFileSystems() {
        for (var service :
                List.of("ingress", "egress-a", "egress-b", "issuer", "redis", "target")) {
            var container = STACK.inspect(service);
            var host = container.getHostConfig();
            assertThat(host.getReadonlyRootfs()).as(service).isTrue();
            assertThat(host.getCapDrop()).as(service).containsExactly(Capability.ALL);
            assertThat(host.getSecurityOpts()).as(service).contains("no-new-privileges:true");
            assertThat(host.getMemory()).as(service).isPositive();
            assertThat(container.getConfig().getUser()).as(service).matches("[1-9]\\d*:.*");
        }
    }

    @Test
    void prometheusReadsBothHopsAndHasTheRules() throws Exception {
        ComposedStack.await(
                "five targets are up", () -> STACK.query("sum(up{job=~\"masque-.+\"})") == 5);
        ComposedStack.await(
                "all alert rules are evaluated",
                () -> STACK.ruleHealth().stream().allMatch("ok"::equals));
        assertThat(STACK.ruleHealth()).hasSizeGreaterThan(20);
    }

    @Test
    void everyPanelOfTheDashboardHasSomethingToShow() throws Exception {
        var relay = connect(STACK.ingressPort());
        keep(Talk.udp(relay.tunnels()));
        keep(Talk.tcp(relay.tunnels(), targets));
        var panels = Panel.ofDashboard();
        assertThat(panels).hasSizeGreaterThan(35);

        ComposedStack.await(
                "panels without data are those of what this stack is without",
                () -> {
                    keepBriefly(Talk.udp(relay.tunnels()));
                    assertThat(refusal(relay, ComposedStack.IPV4_PREFIX + ".129")).isPositive();
                    return WITHOUT_DATA.containsAll(titlesWithoutData(panels));
                });
    }

    private static Set<String> titlesWithoutData(List<Panel> panels) throws Exception {
        var titles = new TreeSet<String>();
        for (var panel : panels) {
            boolean empty = true;
            for (var expression : panel.expressions()) {
                empty &= STACK.results(expression).isEmpty();
            }
            if (empty) {
                titles.add(panel.title());
            }
        }
        return titles;
    }

    @Test
    void nobodyEntersWhileRedisIsAwayAndTunnelsGoOn() throws Exception {
        var relay = connect(STACK.ingressPort());
        var running = keep(Talk.udp(relay.tunnels()));
        STACK.stop("redis");
        try {
            var refused =
                    catchThrowableOfType(
                            TunnelRefusedException.class, () -> Talk.udp(relay.tunnels()));
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.fields().first("retry-after")).isPresent();
        } finally {
            STACK.startAgain("redis");
        }
        ComposedStack.await("a tunnel opens again", () -> opens(relay));
        assertGoesOn(running);
    }

    @Test
    void newTunnelsMoveToTheOtherEgressWhenOneIsKilled() throws Exception {
        var relay = connect(STACK.ingressPort());
        var talks = talks(relay);
        ComposedStack.await(
                "both egresses have tunnels",
                () -> tunnelsAt("egress-.*") == talks.size() && tunnelsAt("egress-b") > 0);
        int surviving = (int) tunnelsAt("egress-b");
        assertThat(surviving).as("tunnels at the egress that stays").isLessThan(talks.size());

        STACK.kill("egress-a");
        try {
            var killed = Instant.now();
            var newcomers = new ArrayList<CompletableFuture<Instant>>();
            for (int i = 0; i < 20; i++) {
                newcomers.add(
                        CompletableFuture.supplyAsync(
                                () -> opened(relay, killed), Thread::startVirtualThread));
                LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
            }
            for (var newcomer : newcomers) {
                assertThat(Duration.between(killed, newcomer.get()))
                        .isLessThan(MOVED_WITHIN.plusMillis(1000));
            }
            assertThat(Duration.between(killed, newcomers.getFirst().get()))
                    .isLessThan(MOVED_WITHIN);

            ComposedStack.await(
                    "the tunnels of the killed egress end",
                    () ->
                            talks.stream().filter(talk -> talk.failure().isPresent()).count()
                                    >= talks.size() - surviving);
            var living = talks.stream().filter(talk -> talk.failure().isEmpty()).toList();
            assertThat(living).as("tunnels of the living egress").hasSize(surviving);
            for (var talk : living) {
                assertGoesOn(talk);
            }
        } finally {
            STACK.startAgain("egress-a");
        }
    }

    /// The bridge, which is the machine that the containers run on, and what else is in the
    /// network.
    @Test
    void noTunnelReachesTheNeighboursOfTheTarget() throws Exception {
        var relay = connect(STACK.ingressPort());
        for (int neighbour : List.of(129, 130, 131, 132)) {
            var address = ComposedStack.IPV4_PREFIX + "." + neighbour;
            // 508: the egress itself.
            assertThat(refusal(relay, address)).as("to .%d", neighbour).isIn(403, 508);
        }
    }

    /// The status that refuses a tunnel to this address.
    private static int refusal(PublishedRelay relay, String address) {
        var refused =
                catchThrowableOfType(
                        TunnelRefusedException.class,
                        () -> relay.tunnels().openTcp(new HostPort(address, 8082)));
        return refused.status();
    }

    @Test
    void aRollingRestartOfTheIngressCutsNoTunnelBeforeTheDeadline() throws Exception {
        var first = connect(STACK.ingressPort());
        var second = connect(STACK.otherIngressPort());
        var talks = talks(first);
        var besides = talks(second);

        var started = Instant.now();
        var stopped = CompletableFuture.runAsync(() -> STACK.stop("ingress"));
        int moved = 0;
        boolean refused = false;
        while (!stopped.isDone()) {
            refused |= !opens(first);
            keepBriefly(Talk.udp(second.tunnels()));
            moved++;
        }
        stopped.get();
        STACK.startAgain("ingress");

        assertThat(refused).as("the first ingress took no new tunnels").isTrue();
        assertThat(moved).as("new tunnels at the second").isGreaterThan(10);
        for (var talk : talks) {
            assertThat(talk.answers()).isGreaterThan(10);
            assertThat(talk.failedAt())
                    .get()
                    .satisfies(at ->
                            // The deadline counts from SIGTERM, which comes a little after
                            // `started`.
                            assertThat(Duration.between(started, at))
                                    .isGreaterThanOrEqualTo(ComposedStack.DRAIN));
        }
        for (var talk : besides) {
            assertGoesOn(talk);
        }
        var again = connect(STACK.ingressPort());
        assertGoesOn(keep(Talk.udp(again.tunnels())));
    }

    private PublishedRelay connect(int port) throws IOException {
        return keep(PublishedRelay.connect(port, STACK.issuerPort(), ca));
    }

    private <T extends AutoCloseable> T keep(T opened) {
        open.add(opened);
        return opened;
    }

    private static void keepBriefly(Talk talk) throws Exception {
        try (talk) {
            assertGoesOn(talk);
        }
    }

    private List<Talk> talks(PublishedRelay relay) throws IOException {
        var talks = new ArrayList<Talk>();
        for (int i = 0; i < UDP_TALKS; i++) {
            talks.add(keep(Talk.udp(relay.tunnels())));
        }
        for (int i = 0; i < TCP_TALKS; i++) {
            talks.add(keep(Talk.tcp(relay.tunnels(), targets)));
        }
        return talks;
    }

    private static void assertGoesOn(Talk talk) throws Exception {
        int before = talk.answers();
        ComposedStack.await(
                "three more answers",
                () -> {
                    assertThat(talk.failure()).isEmpty();
                    return talk.answers() >= before + 3;
                });
    }

    private static boolean opens(PublishedRelay relay) throws Exception {
        try {
            Talk.udp(relay.tunnels()).close();
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    /// When a tunnel was open that is asked for now, again and again for as long as tunnels may
    /// take to move.
    private static Instant opened(PublishedRelay relay, Instant killed) {
        while (true) {
            try {
                Talk.udp(relay.tunnels()).close();
                return Instant.now();
            } catch (IOException e) {
                if (Duration.between(killed, Instant.now()).compareTo(MOVED_WITHIN) > 0) {
                    throw new AssertionError("no tunnel after the egress was killed", e);
                }
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
    }

    private static double tunnelsAt(String egress) throws Exception {
        return STACK.query(
                "sum(masque_tunnels_active{job=\"masque-egress\",instance=~\"%s:.*\"})"
                        .formatted(egress));
    }

    private static String run(String command, String relay, String version, String... arguments)
            throws IOException {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var console =
                new Console(
                        new ByteArrayInputStream(new byte[0]),
                        new PrintStream(out, true, UTF_8),
                        new PrintStream(err, true, UTF_8),
                        false);
        var all =
                new ArrayList<>(
                        List.of(
                                command,
                                "--relay",
                                relay,
                                "--transports",
                                version,
                                "--issuer",
                                new HostPort("localhost", STACK.issuerPort()).toString(),
                                "--ca",
                                ca.toString(),
                                "--timeout",
                                "20s"));
        all.addAll(List.of(arguments));
        if (RelayCommand.commandLine(console).execute(all.toArray(String[]::new)) != 0) {
            throw new IOException(err.toString(UTF_8));
        }
        return out.toString(UTF_8);
    }
}
