package org.masquerelay.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.masquerelay.http.FrontSettings.ClientCertificates;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.CountingListener;
import org.masquerelay.testkit.RawClient;
import org.masquerelay.testkit.RawH3Client;
import org.masquerelay.testkit.Wire;
import org.masquerelay.transport.ConnectionSettings;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HttpVersion;

/// A real [Front] on loopback, in front of a [ScriptedService].
public final class TestFront implements AutoCloseable {
    public static final DevelopmentPki PKI = newPki();

    private final EventLoops loops = EventLoops.start(1);
    private final CountingListener listener = new CountingListener();
    private final ScriptedService service;
    private final Front front;

    /// What a test may want to be narrow.
    record Limits(
            int tunnels,
            int connections,
            ConnectionSettings connection,
            ClientCertificates certificates) {
        static final Limits WIDE =
                new Limits(256, 1000, ConnectionSettings.STANDARD, ClientCertificates.IGNORED);

        static Limits ofTunnels(int tunnels) {
            return new Limits(tunnels, WIDE.connections, WIDE.connection, WIDE.certificates);
        }

        static Limits ofConnections(int connections) {
            return new Limits(WIDE.tunnels, connections, WIDE.connection, WIDE.certificates);
        }

        static Limits ofStreams(long streams) {
            var narrow = WIDE.connection.withMaxStreams(streams);
            return new Limits(WIDE.tunnels, WIDE.connections, narrow, WIDE.certificates);
        }

        static Limits ofCertificates(ClientCertificates certificates) {
            return new Limits(WIDE.tunnels, WIDE.connections, WIDE.connection, certificates);
        }
    }

    private TestFront(FrontSettings settings, ScriptedService service) throws IOException {
        this.service = service;
        this.front = Front.open(loops, settings, PKI::egressServer, service, listener);
    }

    private static FrontSettings settings(Limits limits, Set<HttpVersion> versions, int port) {
        var settings = settings(limits);
        return new FrontSettings(
                settings.name(),
                settings.identifier(),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                versions,
                settings.offer(),
                settings.limits(),
                settings.connection(),
                settings.capsules(),
                settings.clientCertificates(),
                settings.tlsProvider());
    }

    private static FrontSettings settings(Limits limits) {
        var loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return FrontSettings.standard("relay", loopback, limits.certificates())
                .with(
                        FrontLimits.STANDARD
                                .withTunnels(limits.tunnels())
                                .withConnections(limits.connections(), limits.connections()))
                .with(limits.connection());
    }

    private static DevelopmentPki newPki() {
        try {
            return newPki(Files.createTempDirectory("pki"));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    static DevelopmentPki newPki(Path directory) throws IOException {
        return DevelopmentPki.open(directory, Clock.systemUTC());
    }

    static TestFront echoing() throws IOException {
        return open(Limits.WIDE, ScriptedService.Answer.AT_ONCE);
    }

    /// A front of these versions alone, on this port; 0 takes a free one.
    public static TestFront of(Set<HttpVersion> versions, int port, ScriptedService.Answer answer)
            throws IOException {
        return new TestFront(settings(Limits.WIDE, versions, port), new ScriptedService(answer));
    }

    /// A front of one version that takes so many requests of a connection at a time.
    public static TestFront ofStreams(HttpVersion version, long streams) throws IOException {
        return new TestFront(
                settings(Limits.ofStreams(streams), Set.of(version), 0),
                new ScriptedService(ScriptedService.Answer.AT_ONCE));
    }

    static TestFront open(Limits limits, ScriptedService.Answer answer) throws IOException {
        return new TestFront(settings(limits), new ScriptedService(answer));
    }

    /// With what a test changes about the usual settings.
    static TestFront open(UnaryOperator<FrontSettings> change, ScriptedService.Answer answer)
            throws IOException {
        return new TestFront(change.apply(settings(Limits.WIDE)), new ScriptedService(answer));
    }

    /// Requests over `version`.
    Wire wire(HttpVersion version) {
        return Wire.to(version, address(), clientTls());
    }

    RawH3Client connect() throws IOException {
        return RawH3Client.connect(address(), clientTls());
    }

    RawClient connect(HttpVersion version) throws IOException {
        return RawClient.connect(version, address(), clientTls());
    }

    /// What a client needs to trust this front; it also shows the ingress's certificate.
    public static TlsMaterial clientTls() {
        return PKI.ingressUpstream();
    }

    public InetSocketAddress address() {
        return front.address();
    }

    public ScriptedService service() {
        return service;
    }

    public CountingListener listener() {
        return listener;
    }

    /// Asks all clients to go away, as a drain does.
    public void goAway() {
        front.goAway();
    }

    /// Closes all, and waits until the connections are gone.
    @Override
    public void close() {
        front.close();
        Await.until("connections are closed", () -> listener.openConnections() == 0);
        loops.close();
    }
}
