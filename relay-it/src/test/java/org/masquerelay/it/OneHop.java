package org.masquerelay.it;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.masquerelay.boot.ops.RelayLifecycle;
import org.masquerelay.client.RelayClient;
import org.masquerelay.egress.EgressApp;
import org.masquerelay.http.Transports;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/// An egress whose clients come to it directly.
final class OneHop implements AutoCloseable {
    private final ConfigurableApplicationContext egress;

    private OneHop(ConfigurableApplicationContext egress) {
        this.egress = egress;
    }

    /// @param directory of the development PKI
    static OneHop start(Path directory, List<String> arguments) {
        var all = new ArrayList<String>();
        all.add("--spring.config.location=classpath:relay-management.yml");
        all.add("--spring.jmx.enabled=false");
        all.add("--server.port=0");
        all.add("--relay.development.directory=" + directory);
        all.add("--relay.listeners[0].name=main");
        all.add("--relay.listeners[0].address=127.0.0.1");
        all.add("--relay.listeners[0].port=0");
        all.add("--relay.drain.timeout=1s");
        all.addAll(arguments);
        return new OneHop(
                new SpringApplicationBuilder(EgressApp.class).run(all.toArray(String[]::new)));
    }

    /// Of the listeners in their order.
    List<InetSocketAddress> addresses() {
        return egress.getBean(RelayLifecycle.class).addresses();
    }

    int activeTunnels() {
        return egress.getBean(RelayLifecycle.class).activeTunnels();
    }

    RelayClient connect(TlsMaterial tls, HttpVersion version) throws java.io.IOException {
        return connect(0, tls, version);
    }

    RelayClient connect(int listener, TlsMaterial tls, HttpVersion version)
            throws java.io.IOException {
        return connect(addresses().get(listener), tls, version);
    }

    /// @param address of a listener, or of what stands before it
    static RelayClient connect(InetSocketAddress address, TlsMaterial tls, HttpVersion version)
            throws java.io.IOException {
        return RelayClient.connect(
                new RelayClient.Settings(
                        HostPort.of(address),
                        "localhost",
                        tls,
                        UriTemplate.UDP,
                        Duration.ofSeconds(20),
                        Transports.only(version)));
    }

    <T> T bean(Class<T> type) {
        return egress.getBean(type);
    }

    MeterRegistry meters() {
        return bean(MeterRegistry.class);
    }

    /// The sum of all counters of a name.
    double counted(String name) {
        return meters().find(name).counters().stream().mapToDouble(Counter::count).sum();
    }

    @Override
    public void close() {
        egress.close();
    }
}
