package org.masquerelay.cli.stack;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.masquerelay.cli.stack.Stack.PrivateTargets;

/// The properties that the apps of a stack are started with.
final class AppArguments {
    /// How long an app may wait for its tunnels to end by themselves.
    private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(2);

    /// The drain, and what the web server of the management port takes to stop.
    static final Duration ORDERLY_STOP = DRAIN_TIMEOUT.plusSeconds(8);

    private AppArguments() {}

    static List<String> egress(
            Path pki, Ports ports, PrivateTargets targets, @Nullable InetSocketAddress nameServer) {
        var arguments = common(pki, ports.egress(), ports.egressManagement());
        // Nested mode: clients come through the ingress, but with no certificate of a relay's. They
        // pay with tokens of the egress's own issuer.
        arguments.add("--relay.egress.clients=gated");
        arguments.add("--relay.egress.allow-private=" + (targets == PrivateTargets.ALLOWED));
        if (nameServer != null) {
            arguments.add(
                    "--relay.egress.resolver.servers[0]=%s:%d"
                            .formatted(
                                    nameServer.getAddress().getHostAddress(),
                                    nameServer.getPort()));
        }
        return arguments;
    }

    static List<String> ingress(Path pki, Ports ports) {
        var arguments = common(pki, ports.ingress(), ports.ingressManagement());
        arguments.add("--relay.upstream.uri=https://localhost:" + ports.egress());
        arguments.add("--relay.passthrough.egresses[0]=localhost:" + ports.egress());
        ports.ingressWithoutUdp()
                .ifPresent(port -> {
                    arguments.addAll(listener(1, "tcp", port));
                    arguments.add("--relay.listeners[1].versions=h2,h1");
                });
        return arguments;
    }

    private static List<String> common(Path pki, int port, int managementPort) {
        var arguments = new ArrayList<>(listener(0, "main", port));
        arguments.add("--server.address=127.0.0.1");
        arguments.add("--server.port=" + managementPort);
        arguments.add("--relay.development.directory=" + pki);
        arguments.add("--relay.auth.issuer-name=localhost:" + port);
        arguments.add("--relay.drain.timeout=" + DRAIN_TIMEOUT.toSeconds() + "s");
        return arguments;
    }

    private static List<String> listener(int index, String name, int port) {
        String listener = "--relay.listeners[" + index + "]";
        return List.of(
                listener + ".name=" + name,
                listener + ".address=127.0.0.1",
                listener + ".port=" + port);
    }
}
