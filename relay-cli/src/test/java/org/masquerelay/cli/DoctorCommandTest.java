package org.masquerelay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.cli.doctor.HostFiles;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.testkit.DnsServer;
import picocli.CommandLine;
import tools.jackson.databind.json.JsonMapper;

@Timeout(60)
final class DoctorCommandTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @TempDir private Path root = Path.of("");

    @Test
    void aGoodHostPassesUnlessWarningsCountAndABadOneFails() throws Exception {
        goodHost();
        var pki = root.resolve("pki");
        DevelopmentPki.open(pki, Clock.systemUTC());
        try (var server = DnsServer.start()) {
            server.addresses("example.com", "192.0.2.1", "2001:db8::1");
            var options =
                    List.of(
                            "--dns",
                            "127.0.0.1:" + server.address().getPort(),
                            "--cert",
                            pki.resolve("ingress.crt").toString(),
                            "--key",
                            pki.resolve("ingress.key").toString(),
                            "--ca",
                            pki.resolve("server-ca.crt").toString(),
                            "--server-name",
                            "localhost");

            assertThat(run(options)).as(text()).isZero();
            assertThat(text())
                    .contains("ok    key of ingress.crt")
                    .contains("ok    trust in ingress.crt")
                    .contains("warn  DNSSEC")
                    .endsWith(" ok, 1 to look at, 0 failed.\n");

            assertThat(run(options, "--strict")).isEqualTo(1);

            write("proc/sys/net/netfilter/nf_conntrack_udp_timeout_stream", "30");
            assertThat(run(options, "--json")).isEqualTo(1);
            var json = JsonMapper.shared().readTree(text());
            assertThat(json.get("ok").asBoolean()).isFalse();
            assertThat(json.get("checks").findValuesAsString("change"))
                    .contains("sysctl -w net.netfilter.nf_conntrack_udp_timeout_stream=120");
        }
    }

    private void goodHost() throws Exception {
        write("proc/sys/net/ipv4/ip_local_port_range", "10000 60999");
        write("proc/sys/net/core/rmem_max", "16777216");
        write("proc/sys/net/core/wmem_max", "16777216");
        write("proc/sys/net/netfilter/nf_conntrack_max", "1048576");
        write("proc/sys/net/netfilter/nf_conntrack_udp_timeout_stream", "120");
        write("proc/self/limits", "Max open files            1024      1048576      files");
        write("run/systemd/timesync/synchronized", "");
    }

    private void write(String path, String text) throws Exception {
        var file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text + "\n");
    }

    private int run(List<String> options, String... more) {
        out.reset();
        var all = new ArrayList<>(options);
        all.addAll(List.of(more));
        var print = new PrintStream(out, true, StandardCharsets.UTF_8);
        var console = new Console(new ByteArrayInputStream(new byte[0]), print, print, false);
        return new CommandLine(new DoctorCommand(console, new HostFiles(root)))
                .execute(all.toArray(String[]::new));
    }

    private String text() {
        return out.toString(StandardCharsets.UTF_8);
    }
}
