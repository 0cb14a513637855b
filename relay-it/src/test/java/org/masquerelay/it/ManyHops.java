package org.masquerelay.it;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.masquerelay.boot.ops.RelayLifecycle;
import org.masquerelay.client.RelayClient;
import org.masquerelay.egress.EgressApp;
import org.masquerelay.http.Transports;
import org.masquerelay.ingress.IngressApp;
import org.masquerelay.ingress.directory.EgressDirectory;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/// Several egresses, and an ingress in front of them that lets everybody in.
final class ManyHops implements AutoCloseable {
    private final Path directory;
    private final List<ConfigurableApplicationContext> egresses = new ArrayList<>();
    private @Nullable ConfigurableApplicationContext ingress;
    private @Nullable EgressDirectory egressDirectory;

    ManyHops(Path directory) {
        this.directory = directory;
    }

    /// Has the ingress that is started next take its egresses from a bean.
    void directory(EgressDirectory bean) {
        egressDirectory = bean;
    }

    /// Starts an egress.
    ///
    /// @param address of this machine
    /// @param port 0 for any
    InetSocketAddress egress(String address, int port, String... arguments) {
        var all = new ArrayList<>(List.of(arguments));
        all.add("--relay.listeners[0].address=" + address);
        all.add("--relay.listeners[0].port=" + port);
        all.add("--relay.egress.allow-private=true");
        egresses.add(run(EgressApp.class, all));
        return at(egresses.getLast());
    }

    void ingress(String... arguments) {
        var all = new ArrayList<>(List.of(arguments));
        all.add("--relay.listeners[0].address=127.0.0.1");
        all.add("--relay.listeners[0].port=0");
        if (all.stream().noneMatch(one -> one.startsWith("--relay.auth.admit="))) {
            all.add("--relay.auth.admit=anybody");
        }
        ingress = run(IngressApp.class, all);
    }

    /// The arguments of an ingress that leads to these.
    static String uris(InetSocketAddress... egresses) {
        var all = new ArrayList<String>();
        for (var egress : egresses) {
            all.add("https://" + name(egress));
        }
        return "--relay.upstream.uris=" + String.join(",", all);
    }

    static String name(InetSocketAddress egress) {
        return HostPort.of(egress).toString();
    }

    private ConfigurableApplicationContext run(Class<?> app, List<String> arguments) {
        var all = new ArrayList<>(arguments);
        all.add("--spring.config.location=classpath:relay-management.yml");
        all.add("--spring.jmx.enabled=false");
        all.add("--server.port=0");
        all.add("--relay.development.directory=" + directory);
        all.add("--relay.drain.timeout=0s");
        all.add("--relay.listeners[0].name=main");
        var builder = new SpringApplicationBuilder(app);
        var bean = egressDirectory;
        if (app == IngressApp.class && bean != null) {
            ApplicationContextInitializer<GenericApplicationContext> beans =
                    context -> context.registerBean(EgressDirectory.class, () -> bean);
            builder.initializers(beans);
        }
        return builder.run(all.toArray(String[]::new));
    }

    private static InetSocketAddress at(ConfigurableApplicationContext app) {
        return app.getBean(RelayLifecycle.class).addresses().getFirst();
    }

    private ConfigurableApplicationContext runningIngress() {
        return Objects.requireNonNull(ingress, "an ingress has been started");
    }

    RelayClient connect() throws IOException {
        return connect(clientTls());
    }

    RelayClient connect(TlsMaterial tls) throws IOException {
        return RelayClient.connect(settings(at(runningIngress()).getPort(), tls));
    }

    InetSocketAddress ingressAddress() {
        return at(runningIngress());
    }

    TlsMaterial clientTls() throws IOException {
        return DevelopmentPki.open(directory, Clock.systemUTC()).client();
    }

    /// How a relay is reached at a port of 127.0.0.1, as `localhost`.
    RelayClient.Settings settings(int port, TlsMaterial tls) {
        return new RelayClient.Settings(
                new HostPort("127.0.0.1", port),
                "localhost",
                tls,
                UriTemplate.UDP,
                Duration.ofSeconds(20),
                Transports.only(HttpVersion.H3));
    }

    <T> T egressBean(int egress, Class<T> type) {
        return egresses.get(egress).getBean(type);
    }

    <T> T ingressBean(Class<T> type) {
        return runningIngress().getBean(type);
    }

    void stopEgress(int egress) {
        egresses.get(egress).close();
    }

    /// Tunnels that are open at an egress.
    double tunnelsAt(int egress) {
        return TwoHops.gauge(
                egresses.get(egress).getBean(MeterRegistry.class), "masque.tunnels.active");
    }

    MeterRegistry meters() {
        return runningIngress().getBean(MeterRegistry.class);
    }

    /// A meter of the ingress for one egress; -1 without one.
    double meter(String name, InetSocketAddress egress) {
        var gauge = meters().find(name).tag("egress", name(egress)).gauge();
        return gauge == null ? -1 : value(gauge);
    }

    private static double value(Gauge gauge) {
        return gauge.value();
    }

    double counted(String name) {
        return meters().find(name).functionCounters().stream()
                .mapToDouble(counter -> counter.count())
                .sum();
    }

    @Override
    public void close() {
        if (ingress != null) {
            ingress.close();
        }
        egresses.forEach(ConfigurableApplicationContext::close);
    }
}
