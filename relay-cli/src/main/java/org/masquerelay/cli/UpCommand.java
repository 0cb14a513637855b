package org.masquerelay.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.masquerelay.cli.stack.Ports;
import org.masquerelay.cli.stack.Stack;
import org.masquerelay.cli.stack.Stack.Jars;
import org.masquerelay.cli.stack.Stack.PrivateTargets;
import org.masquerelay.cli.stack.TakenPort;
import org.masquerelay.cli.targets.DnsTarget;
import org.masquerelay.cli.targets.TargetCertificate;
import org.masquerelay.cli.targets.WebTarget;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Runs a whole relay on this machine until it is told to stop.
@Command(
        name = "up",
        description = {
            "Runs a whole relay on this machine until Ctrl-C.",
            "Prints commands to try it with."
        })
final class UpCommand implements Callable<Integer> {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(90);

    private final Console console;

    @Option(names = "--port", paramLabel = "PORT", description = "Ingress (default: 4443).")
    private int port = Ports.DOCUMENTED.ingress();

    @Option(
            names = "--management-port",
            paramLabel = "PORT",
            description = "Management of the ingress (default: 8081).")
    private int managementPort = Ports.DOCUMENTED.ingressManagement();

    @Option(names = "--egress-port", paramLabel = "PORT", description = "Egress (default: 4434).")
    private int egressPort = Ports.DOCUMENTED.egress();

    @Option(
            names = "--egress-management-port",
            paramLabel = "PORT",
            description = "Management of the egress (default: 8082).")
    private int egressManagementPort = Ports.DOCUMENTED.egressManagement();

    @Option(
            names = "--refuse-private",
            description = "Open no tunnels to loopback and private addresses.")
    private boolean refusePrivate;

    UpCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws CommandFailure, IOException, InterruptedException {
        checkPorts();
        var checkout = Checkout.here();
        Files.createDirectories(checkout.state());
        var certificate = TargetCertificate.forNames(List.of("localhost"));
        Path targetCa = checkout.state().resolve("target.crt");
        Files.writeString(targetCa, certificate.pem());
        try (var web = WebTarget.start(certificate);
                var dns = DnsTarget.start();
                var stack = Stack.prepare(settings(checkout));
                var _ = AtExit.run(stack::close)) {
            console.err().println("relay up: starting an egress and an ingress ...");
            stack.start(refusePrivate ? PrivateTargets.REFUSED : PrivateTargets.ALLOWED);
            printState(stack);
            if (!refusePrivate) {
                printCommands(
                        new Suggestions(
                                stack.ingressAddress(),
                                stack.egressAddress(),
                                targetCa,
                                web.port(),
                                dns.address().getPort()));
            }
            console.out().println("Ctrl-C stops it.");
            var ended = stack.awaitEnd();
            throw CommandFailure.failed(
                    "the " + ended.name() + " ended by itself; its log is " + ended.log());
        }
    }

    /// Before anything is written: another relay of this checkout goes on with its files.
    private void checkPorts() throws CommandFailure {
        check("--port", TakenPort.ofTunnels(port));
        check("--egress-port", TakenPort.ofTunnels(egressPort));
        check("--management-port", TakenPort.ofManagement(managementPort));
        check("--egress-management-port", TakenPort.ofManagement(egressManagementPort));
    }

    private static void check(String option, Optional<TakenPort> taken) throws CommandFailure {
        if (taken.isPresent()) {
            throw CommandFailure.failed(
                    taken.get().protocol()
                            + " port "
                            + taken.get().port()
                            + " is taken, perhaps by another ./relay up: stop that one, or choose"
                            + " another port with "
                            + option);
        }
    }

    private Stack.Settings settings(Checkout checkout) {
        return new Stack.Settings(
                new Jars(checkout.ingressJar(), checkout.egressJar()),
                checkout.state(),
                new Ports(port, managementPort, egressPort, egressManagementPort),
                null,
                List.of(),
                START_TIMEOUT);
    }

    private void printState(Stack stack) {
        var out = console.out();
        out.println(
                "ingress  localhost:%d (h3, h2, h1), management http://localhost:%d/actuator/health, log %s"
                        .formatted(port, managementPort, stack.log("ingress")));
        out.println(
                "egress   localhost:%d (h3, h2, h1), management http://localhost:%d/actuator/health, log %s"
                        .formatted(egressPort, egressManagementPort, stack.log("egress")));
        out.println("clients trust " + stack.clientAnchors());
    }

    private void printCommands(Suggestions suggestions) {
        var out = console.out();
        out.println();
        out.println("To try it, with targets that run here as well:");
        suggestions.commands().forEach(command -> out.println("  " + command));
        out.println();
    }
}
