package org.masquerelay.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.cli.demo.Probe.Row;
import org.masquerelay.cli.stack.Stack.Jars;

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
        }
    }
}
