package org.masquerelay.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.cli.demo.Probe.Protocol;
import org.masquerelay.cli.demo.Probe.Row;
import org.masquerelay.cli.stack.Stack.Jars;
import org.masquerelay.tunnel.HttpVersion;

final class DemoIT {
    private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();

    @Test
    @Timeout(300)
    void everythingIsAsExpected() throws Exception {
        var jars =
                new Jars(
                        CHECKOUT.resolve("ingress-app/target/ingress-app-exec.jar"),
                        CHECKOUT.resolve("egress-app/target/egress-app-exec.jar"));
        try (var demo = Demo.prepare(jars)) {
            var report = demo.run();

            assertThat(report.rows()).as(report.text(false)).isNotEmpty().allMatch(Row::ok);
            for (var protocol : Protocol.values()) {
                assertThat(carried(report, protocol))
                        .extracting(Probe::transport)
                        .contains(HttpVersion.H3, HttpVersion.H2, HttpVersion.H1);
                assertThat(carried(report, protocol))
                        .extracting(Probe::expected)
                        .anyMatch(expected -> expected.endsWith(" by h2"));
            }
        }
    }

    private static List<Probe> carried(Report report, Protocol protocol) {
        return report.rows().stream()
                .map(Row::probe)
                .filter(probe -> probe.protocol() == protocol && probe.hops().endsWith("target"))
                .toList();
    }
}
