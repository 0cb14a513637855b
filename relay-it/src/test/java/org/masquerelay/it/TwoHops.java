package org.masquerelay.it;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.masquerelay.boot.ops.RelayLifecycle;
import org.masquerelay.cli.token.Challenges;
import org.masquerelay.cli.token.ConnectedRelay;
import org.masquerelay.cli.token.PaidTunnels;
import org.masquerelay.cli.token.TokenFetcher;
import org.masquerelay.client.RelayClient;
import org.masquerelay.egress.EgressApp;
import org.masquerelay.http.Transports;
import org.masquerelay.ingress.IngressApp;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/// An egress and an ingress of their own ports and PKI, the second pointing at the first.
final class TwoHops implements AutoCloseable {
    /// Stands in arguments of the ingress for the port where it takes the egress to be.
    static final String NEXT_PORT = "NEXT_PORT";

    /// Arguments of an egress that serves clients who come through the ingress, for tokens of its
    /// own issuer.
    static final List<String> NESTED_EGRESS =
            List.of(
                    "--relay.egress.allow-private=true",
                    "--relay.egress.clients=gated",
                    "--relay.auth.issuer-name=egress.example");

    /// The argument of an ingress that leads to its egress.
    static final String PASSTHROUGH = "--relay.passthrough.egresses[0]=localhost:" + NEXT_PORT;

    private final Path directory;
    private final List<String> egressArguments;
    private ConfigurableApplicationContext egress;
    private final ConfigurableApplicationContext ingress;

    private TwoHops(
            Path directory,
            List<String> egressArguments,
            List<String> ingressArguments,
            int upstreamPort) {
        this.directory = directory;
        this.egressArguments = List.copyOf(egressArguments);
        this.egress = startEgress(0);
        try {
            int next = upstreamPort == 0 ? port(egress) : upstreamPort;
            var arguments = new ArrayList<String>();
            for (var argument : ingressArguments) {
                arguments.add(argument.replace(NEXT_PORT, Integer.toString(next)));
            }
            arguments.add("--relay.upstream.uri=https://localhost:" + next);
            arguments.add("--relay.auth.issuer-name=localhost");
            this.ingress = run(IngressApp.class, 0, arguments);
        } catch (RuntimeException failure) {
            egress.close();
            throw failure;
        }
    }

    static TwoHops start(
            Path directory, List<String> egressArguments, List<String> ingressArguments) {
        return new TwoHops(directory, egressArguments, ingressArguments, 0);
    }

    /// With an ingress that takes another port than the egress's for it.
    static TwoHops start(
            Path directory,
            List<String> egressArguments,
            List<String> ingressArguments,
            int upstreamPort) {
        return new TwoHops(directory, egressArguments, ingressArguments, upstreamPort);
    }

    private ConfigurableApplicationContext startEgress(int port) {
        return run(EgressApp.class, port, egressArguments);
    }

    private ConfigurableApplicationContext run(Class<?> app, int port, List<String> arguments) {
        var all = new ArrayList<String>();
        all.add("--spring.config.location=classpath:relay-management.yml");
        all.add("--spring.jmx.enabled=false");
        all.add("--server.port=0");
        all.add("--relay.development.directory=" + directory);
        all.add("--relay.listeners[0].name=main");
        all.add("--relay.listeners[0].address=127.0.0.1");
        all.add("--relay.listeners[0].port=" + port);
        all.addAll(arguments);
        if (arguments.stream()
                .noneMatch(argument -> argument.startsWith("--relay.drain.timeout"))) {
            all.add("--relay.drain.timeout=1s");
        }
        return new SpringApplicationBuilder(app).run(all.toArray(String[]::new));
    }

    private static int port(ConfigurableApplicationContext context) {
        return context.getBean(RelayLifecycle.class).addresses().getFirst().getPort();
    }

    int egressPort() {
        return port(egress);
    }

    /// Ends the egress; its port stays known for [#restartEgress].
    int stopEgress() {
        int port = egressPort();
        egress.close();
        return port;
    }

    /// Stops the ingress as SIGTERM does.
    void stopIngress() {
        ingress.close();
    }

    void restartEgress(int port) {
        egress = startEgress(port);
    }

    RelayClient.Settings clientSettings() throws IOException {
        return new RelayClient.Settings(
                new HostPort("127.0.0.1", port(ingress)),
                "localhost",
                DevelopmentPki.open(directory, Clock.systemUTC()).client(),
                UriTemplate.UDP,
                Duration.ofSeconds(20));
    }

    ConnectedRelay connect() throws IOException {
        return ConnectedRelay.connect(clientSettings());
    }

    ConnectedRelay connect(HttpVersion version) throws IOException {
        return ConnectedRelay.connect(clientSettings().with(Transports.only(version)));
    }

    /// How one of the relays is reached at a port of this machine, as `localhost`.
    RelayClient.Settings settings(int port) throws IOException {
        return new RelayClient.Settings(
                new HostPort("localhost", port),
                "localhost",
                DevelopmentPki.open(directory, Clock.systemUTC()).client(),
                UriTemplate.UDP,
                Duration.ofSeconds(20));
    }

    /// A connection to the egress, within one to the ingress over `version`.
    ConnectedRelay connectNested(HttpVersion version) throws IOException {
        return connectNested(version, egressPort());
    }

    /// The same, where the ingress takes the egress to be at `port`.
    ConnectedRelay connectNested(HttpVersion version, int port) throws IOException {
        return ConnectedRelay.connectNested(
                clientSettings().with(Transports.only(version)), settings(port));
    }

    PrivateKey issuerKey() throws IOException {
        return DevelopmentPki.open(directory, Clock.systemUTC()).issuerKey();
    }

    int ingressPort() {
        return port(ingress);
    }

    /// Where one of the ingress's listeners is reached.
    InetSocketAddress ingressAddress(int listener) {
        return ingress.getBean(RelayLifecycle.class).addresses().get(listener);
    }

    /// Datagrams that either relay has dropped and counted.
    double drops() {
        return drops(ingressMeters()) + drops(egressMeters());
    }

    private static double drops(MeterRegistry meters) {
        return meters.find("masque.datagrams.dropped").counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    /// Opens tunnels of `relay`, each paid for with a token.
    PaidTunnels paying(ConnectedRelay relay) {
        return new PaidTunnels(relay, fetcher(relay));
    }

    /// The field that pays for one tunnel.
    HeaderFields payment(ConnectedRelay relay) throws IOException {
        return PaidTunnels.payment(fetcher(relay).fetch(Challenges.askFor(relay)));
    }

    /// The same, for a tunnel of the egress.
    HeaderFields egressPayment(ConnectedRelay relay) throws IOException {
        return PaidTunnels.payment(egressFetcher(relay).fetch(Challenges.askFor(relay)));
    }

    /// Past the ingress, as a client that is no relay.
    ConnectedRelay connectToEgress() throws IOException {
        return ConnectedRelay.connect(
                new RelayClient.Settings(
                        new HostPort("127.0.0.1", egressPort()),
                        "localhost",
                        DevelopmentPki.open(directory, Clock.systemUTC()).client(),
                        UriTemplate.UDP,
                        Duration.ofSeconds(20)));
    }

    /// Opens tunnels of the egress, each paid for with a token of its own issuer.
    PaidTunnels payingEgress(ConnectedRelay relay) {
        return new PaidTunnels(relay, egressFetcher(relay));
    }

    TokenFetcher egressFetcher(ConnectedRelay relay) {
        return new TokenFetcher(relay, new HostPort("localhost", egressPort()), Clock.systemUTC());
    }

    TokenFetcher fetcher(ConnectedRelay relay) {
        return new TokenFetcher(relay, new HostPort("localhost", port(ingress)), Clock.systemUTC());
    }

    /// QUIC connections of the ingress to the egress.
    double upstreamConnections() {
        return gauge(ingressMeters(), "quic.connections.active", "role", "client");
    }

    MeterRegistry ingressMeters() {
        return ingress.getBean(MeterRegistry.class);
    }

    MeterRegistry egressMeters() {
        return egress.getBean(MeterRegistry.class);
    }

    <T> T ingressBean(Class<T> type) {
        return ingress.getBean(type);
    }

    <T> T egressBean(Class<T> type) {
        return egress.getBean(type);
    }

    /// The sum of all gauges of a name whose tags include these.
    static double gauge(MeterRegistry meters, String name, String... tags) {
        return meters.find(name).tags(tags).gauges().stream().mapToDouble(Gauge::value).sum();
    }

    @Override
    public void close() {
        ingress.close();
        egress.close();
    }
}
