package org.masquerelay.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.masquerelay.cli.token.ConnectedRelay;
import org.masquerelay.client.RelayClient;
import org.masquerelay.pki.Pem;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;
import picocli.CommandLine.Option;

/// The options of every command that talks to a relay.
final class ConnectionOptions {
    @Option(
            names = "--relay",
            paramLabel = "HOST:PORT",
            converter = HostPorts.class,
            description = "The relay (default: localhost:4443).")
    private HostPort relay = new HostPort("localhost", 4443);

    @Option(
            names = "--ca",
            paramLabel = "FILE",
            description =
                    "PEM file with who signs the relay's certificate"
                            + " (default: what ./relay up has made).")
    private @Nullable Path ca;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = Durations.class,
            description = "How long to wait for each answer (default: 10s).")
    private Duration timeout = Duration.ofSeconds(10);

    HostPort relay() {
        return relay;
    }

    Duration timeout() {
        return timeout;
    }

    /// Dials the relay.
    ConnectedRelay connect() throws CommandFailure {
        var settings = settings();
        try {
            return ConnectedRelay.connect(settings);
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    /// What [#connect()] dials with, for commands that dial again.
    RelayClient.Settings settings() throws CommandFailure {
        return new RelayClient.Settings(
                relay, relay.host(), TlsMaterial.trusting(anchors()), UriTemplate.UDP, timeout);
    }

    /// Why a command ends that has not got through to the relay.
    CommandFailure unreachable(IOException failure) {
        return CommandFailure.unreachable(
                "the relay at " + relay + " cannot be reached: " + Failures.textOf(failure));
    }

    private List<X509Certificate> anchors() throws CommandFailure {
        var file = ca;
        if (file != null) {
            return certificates(file);
        }
        var development = Checkout.here().developmentCa();
        if (!Files.exists(development)) {
            throw CommandFailure.failed(
                    "no certificate to trust: start a relay with ./relay up, or name one with"
                            + " --ca FILE");
        }
        return certificates(development);
    }

    /// The certificates of a PEM file.
    static List<X509Certificate> certificates(Path file) throws CommandFailure {
        try {
            return Pem.certificates(Files.readString(file));
        } catch (NoSuchFileException e) {
            throw CommandFailure.failed("there is no file " + file);
        } catch (IOException e) {
            throw CommandFailure.failed(
                    file + " has no readable certificate: " + Failures.textOf(e));
        }
    }
}
