package org.masquerelay.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.deploy.PromQl.Selector;
import org.yaml.snakeyaml.Yaml;

/// What the chart makes of its values runs, and the meters of what runs are those that dashboard
/// and alert rules ask for.
@Timeout(180)
final class DeployedHopsTest {
    private static final String VALUES =
            """
            egress:
              hosts: [localhost]
              config: {relay: {egress: {allow-private: true}}}
            """;

    /// Prometheus makes it itself.
    private static final Set<String> ELSEWHERE = Set.of("up");

    private static final Pattern METER = Pattern.compile("`([a-z.]+)`");

    @TempDir static Path directory;

    private static HttpServer web;
    private static DeployedHops hops;

    @BeforeAll
    static void start() throws Exception {
        web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        web.createContext(
                "/",
                exchange -> {
                    exchange.sendResponseHeaders(200, 5);
                    exchange.getResponseBody().write("hello".getBytes(UTF_8));
                    exchange.close();
                });
        web.start();
        hops = DeployedHops.start(directory, VALUES);
    }

    @AfterAll
    static void stop() {
        web.stop(0);
        hops.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"h3", "h2,h1"})
    void theFirstTunnelOfTheNotesGoesThrough(String transports) throws Exception {
        var page = "http://127.0.0.1:" + web.getAddress().getPort() + "/";
        assertThat(hops.get(page, transports)).isEqualTo("hello");
    }

    @Test
    void anIngressTrustsTheIssuerThatIsDeployedBesideIt(@TempDir Path other) throws Exception {
        var values =
                """
                egress: {hosts: [localhost]}
                issuer: {mode: deployed, host: localhost}
                ingress: {config: {relay: {auth: {issuers-required: true}}}}
                """;
        try (var deployed = DeployedHops.start(other, values)) {
            assertThat(deployed.management("GET", "/actuator/health/tokenIssuers")).isEqualTo(200);
        }
    }

    @Test
    void whoReadsMetersDoesNotDrain() throws Exception {
        assertThat(hops.management("GET", "/actuator/drain")).isEqualTo(200);
        assertThat(hops.management("POST", "/actuator/drain")).isBetween(400, 499);
        assertThat(hops.management("GET", "/actuator/health/readiness")).isEqualTo(200);
    }

    @Test
    void theDashboardAsksForMetersThatAreThere() throws Exception {
        var expressions =
                Panel.ofDashboard().stream()
                        .flatMap(panel -> panel.expressions().stream())
                        .toList();
        assertThat(expressions).hasSizeGreaterThan(40);
        assertThat(missing(expressions)).isEmpty();
    }

    @Test
    void theAlertRulesAskForMetersThatAreThere() throws Exception {
        var rules = (Map<?, ?>) yaml(Path.of("../deploy/prometheus/rules.yml"));
        var expressions = new ArrayList<String>();
        for (var group : (List<?>) at(rules, "groups")) {
            for (var rule : (List<?>) at(group, "rules")) {
                expressions.add(at(rule, "expr").toString());
            }
        }
        assertThat(expressions).hasSizeGreaterThan(20);
        assertThat(missing(expressions)).isEmpty();
    }

    @Test
    void noticesAMeterThatIsNot() throws Exception {
        assertThat(
                        missing(
                                List.of(
                                        "sum by (job)"
                                                + " (rate(masque_tunnels_total{transport=\"h4\"}[5m]))"
                                                + " > 0",
                                        "masque_tunels_active",
                                        "masque_tunnels_rejected_total{reason=~\"upstream_full|loop\"}")))
                .containsExactly("masque_tunels_active", "masque_tunnels_total");
    }

    private static Object yaml(Path file) throws Exception {
        return new Yaml().load(Files.readString(file));
    }

    private static Object at(Object map, String key) {
        return Objects.requireNonNull(((Map<?, ?>) map).get(key), key);
    }

    /// The metrics of expressions that select no series of a scrape.
    private static Set<String> missing(List<String> expressions) throws Exception {
        var series = hops.scrapes().stream().flatMap(one -> PromQl.series(one).stream()).toList();
        var documented = documented();
        return expressions.stream()
                .flatMap(expression -> PromQl.selectors(expression).stream())
                .filter(selector ->
                        series.stream().noneMatch(selector::selects)
                                && !ELSEWHERE.contains(selector.metric())
                                && !documented.contains(selector.metric()))
                .map(Selector::metric)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /// The meters that docs/OPERATIONS.md has of what these hops are without: a Redis, a policy
    /// file, and an access log.
    private static Set<String> documented() throws Exception {
        return Files.readAllLines(Path.of("../docs/OPERATIONS.md")).stream()
                .filter(line ->
                        line.matches("\\| `masque\\.(tokens|policy|openings|accesslog)\\..*"))
                .flatMap(line -> METER.matcher(line.substring(0, line.indexOf('|', 1))).results())
                .map(found -> found.group(1).replace('.', '_'))
                .flatMap(name -> Stream.of(name, name + "_total"))
                .collect(Collectors.toSet());
    }
}
