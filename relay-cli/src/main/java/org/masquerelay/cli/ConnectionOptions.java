package org.masquerelay.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.masquerelay.cli.token.ConnectedRelay;
import org.masquerelay.client.RelayClient;
import org.masquerelay.client.UntrustedRelayException;
import org.masquerelay.http.Transports;
import org.masquerelay.pki.Pem;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The options of every command that talks to a relay.
final class ConnectionOptions {
    private static final List<Duration> DEFAULT_HEAD_STARTS =
            List.of(Duration.ofMillis(250), Duration.ofMillis(500));

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

    @Option(
            names = "--transports",
            paramLabel = "VERSION",
            split = ",",
            converter = HttpVersions.class,
            description =
                    "The HTTP versions to race for the relay, the preferred one first"
                            + " (default: h3,h2,h1). h3 needs UDP, the others TCP.")
    private List<HttpVersion> transports = List.of(HttpVersion.H3, HttpVersion.H2, HttpVersion.H1);

    @Option(
            names = "--head-starts",
            paramLabel = "TIME",
            split = ",",
            converter = Durations.class,
            description =
                    "How long after the start of the race the second transport starts, and the"
                            + " third (default: 250ms,500ms).")
    private @Nullable List<Duration> headStarts;

    @Option(
            names = "--nested",
            arity = "0..1",
            fallbackValue = "localhost:4434",
            paramLabel = "HOST:PORT",
            preprocessor = Attached.class,
            converter = HostPorts.class,
            description =
                    "Talk HTTP/3 to this egress within a tunnel of the relay, which does not see the"
                            + " target then (without a value: localhost:4434).")
    private @Nullable HostPort nested;

    @Mixin private final CredentialOptions credentials = new CredentialOptions();

    /// The relay that opens the tunnels, and that asks for tokens for it.
    HostPort origin() {
        var egress = nested;
        return egress == null ? relay : egress;
    }

    Duration timeout() {
        return timeout;
    }

    /// Dials the relay, and the egress within.
    ConnectedRelay connect() throws CommandFailure {
        var dialer = dialer();
        try {
            return dialer.dial();
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    /// Dials somebody else who is no relay for this client, and hears nothing of its credentials.
    ConnectedRelay connectTo(HostPort other) throws CommandFailure {
        var settings = settings(other, TlsMaterial.trusting(anchors()), transports());
        try {
            return ConnectedRelay.connect(settings);
        } catch (IOException e) {
            throw CommandFailure.unreachable(
                    "the issuer at " + other + " cannot be reached: " + sentence(e));
        }
    }

    /// What [#connect()] dials with, for commands that dial again.
    Dialer dialer() throws CommandFailure {
        var raced = transports();
        var anchors = anchors();
        var first =
                settings(relay, credentials.tls(anchors), raced).with(credentials.credentials());
        var egress = nested;
        if (egress == null) {
            return () -> ConnectedRelay.connect(first);
        }
        // Who shows the same to both can be told by both together.
        var second = settings(egress, TlsMaterial.trusting(anchors), raced);
        return () -> ConnectedRelay.connectNested(first, second);
    }

    /// Makes connections to what the options name.
    interface Dialer {
        ConnectedRelay dial() throws IOException;
    }

    private RelayClient.Settings settings(HostPort of, TlsMaterial tls, Transports raced) {
        return new RelayClient.Settings(of, of.host(), tls, UriTemplate.UDP, timeout, raced);
    }

    private Transports transports() throws CommandFailure {
        if (Set.copyOf(transports).size() < transports.size()) {
            throw CommandFailure.misused("--transports names an HTTP version twice");
        }
        var given = headStarts;
        if (given == null) {
            return Transports.of(transports, DEFAULT_HEAD_STARTS);
        }
        if (given.size() >= transports.size()) {
            throw CommandFailure.misused(
                    "--head-starts has a time for each of --transports but the first, or fewer");
        }
        if (!given.equals(given.stream().sorted().toList())) {
            throw CommandFailure.misused("--head-starts get longer from one to the next");
        }
        return Transports.of(transports, given);
    }

    /// Why a command ends that has not got through to the relay.
    CommandFailure unreachable(IOException failure) {
        return CommandFailure.unreachable(
                (nested == null ? "the relay at " + relay : nested + " within " + relay)
                        + " cannot be reached: "
                        + sentence(failure));
    }

    private static String sentence(IOException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UntrustedRelayException) {
                return Failures.textOf(failure) + " --ca FILE names the one to trust";
            }
        }
        return Failures.textOf(failure);
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
