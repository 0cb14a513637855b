package org.masquerelay.cli;

import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.masquerelay.cli.stack.AppProcess;
import org.masquerelay.cli.stack.AppProcess.Launch;
import org.masquerelay.cli.stack.Management;
import org.masquerelay.token.issuance.IssuerDirectory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Runs a token issuer on this machine until it is told to stop.
@Command(
        name = "issuer",
        description = {
            "Runs a token issuer on this machine until Ctrl-C.",
            "It has the keys of a file, which 'relay issuer rotate' makes and changes."
        })
final class IssuerCommand implements Callable<Integer> {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(90);
    private static final Duration ORDERLY_STOP = Duration.ofSeconds(10);

    private final Console console;

    @Option(names = "--port", paramLabel = "PORT", description = "Issuer (default: 4445).")
    private int port = 4445;

    @Option(
            names = "--management-port",
            paramLabel = "PORT",
            description = "Management of the issuer (default: 8083).")
    private int managementPort = 8083;

    @Option(
            names = "--key-file",
            paramLabel = "FILE",
            description = "Its keys (default: .relay/issuer.pem, made if it is missing).")
    private Path keyFile = Path.of("");

    @Parameters(
            paramLabel = "PROPERTY",
            description = "Further properties, after --, such as --relay.tls.bundle=front.")
    private List<String> properties = List.of();

    IssuerCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws CommandFailure, IOException, InterruptedException {
        var checkout = Checkout.here();
        Files.createDirectories(checkout.state());
        var keys = keyFile.toString().isEmpty() ? defaultKeys(checkout) : keyFile;
        var log = checkout.state().resolve("issuer.log");
        var launch =
                new Launch(
                        "issuer",
                        checkout.ingressJar(),
                        log,
                        List.of(),
                        arguments(checkout, keys),
                        ORDERLY_STOP);
        try (var http = HttpClient.newHttpClient();
                var process = AppProcess.start(launch);
                var _ = AtExit.run(process::close)) {
            process.awaitReady(new Management(http, managementPort)::isReady, START_TIMEOUT);
            console.out()
                    .println(
                            "issuer    https://localhost:%d%s"
                                    .formatted(port, IssuerDirectory.PATH));
            console.out()
                    .println(
                            "          management http://localhost:%d/actuator/health, log %s"
                                    .formatted(managementPort, log));
            console.out().println("Ctrl-C stops it.");
            process.awaitEnd();
            throw CommandFailure.failed("the issuer ended by itself; its log is " + log);
        }
    }

    private Path defaultKeys(Checkout checkout) throws CommandFailure, IOException {
        var file = checkout.state().resolve("issuer.pem");
        if (!Files.exists(file)) {
            new KeyRotation(file, "").first();
        }
        return file;
    }

    private List<String> arguments(Checkout checkout, Path keys) {
        var arguments = new ArrayList<String>();
        arguments.add("--relay.role=issuer");
        arguments.add("--relay.listeners[0].name=main");
        arguments.add("--relay.listeners[0].port=" + port);
        arguments.add("--server.port=" + managementPort);
        arguments.add("--relay.issuer.key-file=" + keys.toAbsolutePath());
        arguments.add("--relay.development.directory=" + checkout.state().resolve("pki"));
        arguments.addAll(properties);
        return arguments;
    }
}
