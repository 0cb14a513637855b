package org.masquerelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.micrometer.registry.otlp.OtlpMeterRegistry;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;

/// Meters that are sent to a collector of OpenTelemetry, and those that are not.
@Timeout(120)
final class OtlpTest {
    @TempDir Path directory;

    /// A collector: takes what is posted to `/v1/metrics`.
    private static final class Collector implements AutoCloseable {
        private final HttpServer http;
        private final List<ExportMetricsServiceRequest> received = new CopyOnWriteArrayList<>();

        Collector() throws IOException {
            http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            http.createContext(
                    "/v1/metrics",
                    exchange -> {
                        received.add(
                                ExportMetricsServiceRequest.parseFrom(exchange.getRequestBody()));
                        exchange.sendResponseHeaders(200, -1);
                        exchange.close();
                    });
            http.start();
        }

        String url() {
            return "http://127.0.0.1:" + http.getAddress().getPort() + "/v1/metrics";
        }

        Stream<Metric> metrics(String name) {
            return received.stream()
                    .flatMap(request -> request.getResourceMetricsList().stream())
                    .flatMap(resource -> resource.getScopeMetricsList().stream())
                    .flatMap(scope -> scope.getMetricsList().stream())
                    .filter(metric -> metric.getName().equals(name));
        }

        @Override
        public void close() {
            http.stop(0);
        }
    }

    @Test
    void sendsMetersToACollectorWhereThatIsConfigured() throws Exception {
        try (var collector = new Collector();
                var targets = new Targets();
                var hops =
                        TwoHops.start(
                                directory,
                                List.of("--relay.egress.allow-private=true"),
                                List.of(
                                        "--relay.auth.admit=anybody",
                                        "--spring.application.name=ingress",
                                        "--management.otlp.metrics.export.enabled=true",
                                        "--management.otlp.metrics.export.step=1s",
                                        "--management.otlp.metrics.export.url="
                                                + collector.url()))) {
            try (var relay = hops.connect(HttpVersion.H2);
                    var tunnel = relay.openUdp(targets.udp(), HeaderFields.NONE)) {
                tunnel.send(new byte[] {1, 2, 3});
                assertThat(tunnel.receive(Duration.ofSeconds(20))).isPresent();
            }
            Await.until(
                    "the bytes of the tunnel",
                    () ->
                            collector
                                    .metrics("masque.bytes.in")
                                    .flatMap(metric -> metric.getSum().getDataPointsList().stream())
                                    .anyMatch(OtlpTest::isTheTunnel));
            Await.until(
                    "a histogram",
                    () ->
                            collector
                                    .metrics("masque.tunnel.setup")
                                    .flatMap(metric ->
                                            metric.getHistogram().getDataPointsList().stream())
                                    .anyMatch(point ->
                                            point.getCount() == 1
                                                    && point.getExplicitBoundsCount() == 11));
            assertThat(
                            collector
                                    .received
                                    .getFirst()
                                    .getResourceMetrics(0)
                                    .getResource()
                                    .getAttributesList()
                                    .stream()
                                    .filter(one -> one.getKey().equals("service.name"))
                                    .map(one -> one.getValue().getStringValue()))
                    .containsExactly("ingress");
        }
    }

    private static boolean isTheTunnel(NumberDataPoint point) {
        return point.getAsDouble() == 3
                && has(point, "protocol", "udp")
                && has(point, "transport", "h2")
                && has(point, "listener", "main");
    }

    private static boolean has(NumberDataPoint point, String key, String value) {
        return point.getAttributesList().stream()
                .filter(one -> one.getKey().equals(key))
                .map(KeyValue::getValue)
                .anyMatch(one -> one.getStringValue().equals(value));
    }

    @Test
    void sendsNothingByDefaultAndHasNoThreadForIt() throws Exception {
        try (var collector = new Collector();
                var relay =
                        OneHop.start(
                                directory,
                                List.of(
                                        "--management.otlp.metrics.export.step=1s",
                                        "--management.otlp.metrics.export.url="
                                                + collector.url()))) {
            assertThatThrownBy(() -> relay.bean(OtlpMeterRegistry.class))
                    .isInstanceOf(NoSuchBeanDefinitionException.class);
            assertThat(
                            Thread.getAllStackTraces().keySet().stream()
                                    .map(Thread::getName)
                                    .filter(name -> name.contains("otlp")))
                    .isEmpty();
            assertThat(collector.received).isEmpty();
        }
    }
}
