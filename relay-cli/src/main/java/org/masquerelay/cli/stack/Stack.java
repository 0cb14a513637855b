package org.masquerelay.cli.stack;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.masquerelay.cli.stack.AppProcess.Launch;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.wire.HostPort;

/// A whole relay on the loopback address: one egress, one ingress, and the certificates they show.
///
/// Only [#close()] may be called by another thread than the one that does the rest.
public final class Stack implements AutoCloseable {
    private final Settings settings;
    private final DevelopmentPki pki;
    private final HttpClient http;
    private volatile @Nullable AppProcess egress;
    private volatile @Nullable AppProcess ingress;
    private volatile boolean closed;

    /// What the stack is made of.
    ///
    /// @param directory for certificates and logs
    /// @param nameServer whom the egress asks for names, or null for the system's
    /// @param startTimeout for each app, until it is ready
    public record Settings(
            Jars jars,
            Path directory,
            Ports ports,
            @Nullable InetSocketAddress nameServer,
            List<String> jvmOptions,
            Duration startTimeout) {
        public Settings {
            jvmOptions = List.copyOf(jvmOptions);
        }
    }

    /// The executable jars of the two apps.
    public record Jars(Path ingress, Path egress) {}

    /// Whether the egress opens tunnels to targets that are not public.
    public enum PrivateTargets {
        ALLOWED,
        REFUSED
    }

    private Stack(Settings settings, DevelopmentPki pki, HttpClient http) {
        this.settings = settings;
        this.pki = pki;
        this.http = http;
    }

    /// Makes the certificates; nothing runs yet.
    public static Stack prepare(Settings settings) throws IOException {
        Files.createDirectories(settings.directory());
        var pki = DevelopmentPki.open(settings.directory().resolve("pki"), Clock.systemUTC());
        return new Stack(settings, pki, HttpClient.newHttpClient());
    }

    /// Starts both apps and waits until they are ready.
    public void start(PrivateTargets targets) throws IOException, InterruptedException {
        var second = launch("egress", settings.jars().egress(), egressArguments(targets));
        egress = second;
        var first = launch("ingress", settings.jars().ingress(), ingressArguments());
        ingress = first;
        endIfClosed();
        second.awaitReady(egressManagement()::isReady, settings.startTimeout());
        first.awaitReady(ingressManagement()::isReady, settings.startTimeout());
    }

    /// Ends the egress as a crash would.
    public void killEgress() {
        var running = egress;
        if (running != null) {
            running.kill();
        }
    }

    /// Starts the egress again, on the same ports, and waits until it is ready.
    public void startEgress(PrivateTargets targets) throws IOException, InterruptedException {
        var again = launch("egress", settings.jars().egress(), egressArguments(targets));
        egress = again;
        endIfClosed();
        again.awaitReady(egressManagement()::isReady, settings.startTimeout());
    }

    /// The apps that have been started, in the order of a tunnel.
    public List<AppProcess> running() {
        return Stream.of(Optional.ofNullable(ingress), Optional.ofNullable(egress))
                .flatMap(Optional::stream)
                .toList();
    }

    /// Waits until one of the apps ends, and says which.
    public AppProcess awaitEnd() throws InterruptedException {
        var first = ingress;
        var second = egress;
        if (first == null || second == null) {
            throw new IllegalStateException("state: not started (expected: started)");
        }
        return AppProcess.awaitAny(first, second);
    }

    public Management ingressManagement() {
        return new Management(http, settings.ports().ingressManagement());
    }

    public HostPort ingressAddress() {
        return new HostPort("localhost", settings.ports().ingress());
    }

    /// What clients ask the ingress for in nested mode.
    public HostPort egressAddress() {
        return new HostPort("localhost", settings.ports().egress());
    }

    /// Where the ingress is reached with TCP only.
    ///
    /// @throws java.util.NoSuchElementException if the stack has no such port
    public HostPort ingressAddressWithoutUdp() {
        return new HostPort("localhost", settings.ports().ingressWithoutUdp().orElseThrow());
    }

    /// What a client trusts that wants to talk to the ingress.
    public TlsMaterial clientTls() {
        return pki.client();
    }

    /// The same as a PEM file.
    public Path clientAnchors() {
        return pki.clientAnchors();
    }

    public Path log(String app) {
        return settings.directory().resolve(app + ".log");
    }

    /// Stops the ingress first, so that its tunnels find their egress until the end.
    @Override
    public void close() {
        closed = true;
        stop(ingress);
        stop(egress);
        http.shutdownNow();
    }

    private Management egressManagement() {
        return new Management(http, settings.ports().egressManagement());
    }

    private AppProcess launch(String name, Path jar, List<String> arguments) throws IOException {
        return AppProcess.start(
                new Launch(
                        name,
                        jar,
                        log(name),
                        settings.jvmOptions(),
                        arguments,
                        AppArguments.ORDERLY_STOP));
    }

    private List<String> egressArguments(PrivateTargets targets) {
        return AppArguments.egress(
                pkiDirectory(), settings.ports(), targets, settings.nameServer());
    }

    private List<String> ingressArguments() {
        return AppArguments.ingress(pkiDirectory(), settings.ports());
    }

    private Path pkiDirectory() {
        return settings.directory().resolve("pki").toAbsolutePath();
    }

    /// Another thread may have closed the stack while an app was being started.
    private void endIfClosed() throws IOException {
        if (closed) {
            close();
            throw new IOException("the stack was stopped while starting");
        }
    }

    private static void stop(@Nullable AppProcess process) {
        if (process != null) {
            process.close();
        }
    }
}
