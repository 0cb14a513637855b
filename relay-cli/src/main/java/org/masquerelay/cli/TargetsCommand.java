package org.masquerelay.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.masquerelay.cli.targets.DnsTarget;
import org.masquerelay.cli.targets.TargetCertificate;
import org.masquerelay.cli.targets.WebTarget;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Runs the targets of the demo for a relay that is started otherwise.
@Command(
        name = "targets",
        description = {
            "Runs targets to tunnel to until Ctrl-C: a web server with TLS, and a DNS responder that"
                    + " knows demo.test."
        })
final class TargetsCommand implements Callable<Integer> {
    private final Console console;

    @Option(
            names = "--web",
            paramLabel = "HOST:PORT",
            converter = ListenAddress.class,
            description = "Where the web server listens (default: 127.0.0.1:8443).")
    private InetSocketAddress web = new InetSocketAddress("127.0.0.1", 8443);

    @Option(
            names = "--dns",
            paramLabel = "HOST:PORT",
            converter = ListenAddress.class,
            description = "Where the DNS responder listens (default: 127.0.0.1:5300).")
    private InetSocketAddress dns = new InetSocketAddress("127.0.0.1", 5300);

    @Option(
            names = "--name",
            paramLabel = "HOST",
            split = ",",
            description = "The names in the certificate of the web server (default: localhost).")
    private List<String> names = List.of("localhost");

    @Option(
            names = "--certificate",
            paramLabel = "FILE",
            description = "Where to write that certificate, for --cacert of clients.")
    private @Nullable Path certificate;

    TargetsCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        var shown = TargetCertificate.forNames(names);
        try (var page = WebTarget.start(shown, web);
                var names = DnsTarget.start(dns)) {
            var file = certificate;
            if (file != null) {
                Files.writeString(file, shown.pem());
            }
            console.out()
                    .println(
                            "https on port %d, dns on port %d; Ctrl-C stops it."
                                    .formatted(page.port(), names.address().getPort()));
            new CountDownLatch(1).await();
            return ExitStatus.SUCCESS;
        }
    }
}
