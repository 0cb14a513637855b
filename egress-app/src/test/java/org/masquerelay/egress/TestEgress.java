package org.masquerelay.egress;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.masquerelay.client.RelayClient;
import org.masquerelay.http.FrontSettings;
import org.masquerelay.http.FrontSettings.ClientCertificates;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.CountingListener;
import org.masquerelay.testkit.RawH3Client;
import org.masquerelay.testkit.Wire;
import org.masquerelay.tunnel.Drain;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;

/// A real egress on loopback.
final class TestEgress implements AutoCloseable {
    /// Targets of the tests are on loopback.
    static final EgressSettings PRIVATE_TARGETS = settings(true, List.of());

    private static final DevelopmentPki PKI = newPki();

    private final CountingListener listener = new CountingListener();
    private final Drain drain = new Drain();
    private final EgressPipeline pipeline;

    private TestEgress(EgressSettings settings) throws IOException {
        var front =
                FrontSettings.standard(
                        "egress",
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        ClientCertificates.REQUIRED);
        pipeline =
                EgressPipeline.start(
                        new EgressPipeline.Parts(
                                1, List.of(front), PKI::egressServer, settings, drain, listener));
    }

    private static DevelopmentPki newPki() {
        try {
            return DevelopmentPki.open(Files.createTempDirectory("pki"), Clock.systemUTC());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    static EgressSettings settings(boolean allowPrivate, List<InetSocketAddress> nameServers) {
        return new EgressSettings(
                allowPrivate,
                nameServers,
                Duration.ofMillis(500),
                Duration.ofSeconds(2),
                Duration.ofMinutes(2),
                Duration.ofMinutes(10));
    }

    static EgressSettings idleAfter(Duration idle) {
        return new EgressSettings(
                true, List.of(), Duration.ofMillis(500), Duration.ofSeconds(2), idle, idle);
    }

    static TestEgress start(EgressSettings settings) throws IOException {
        return new TestEgress(settings);
    }

    RelayClient connect() throws IOException {
        return RelayClient.connect(
                new RelayClient.Settings(
                        new HostPort("127.0.0.1", address().getPort()),
                        "localhost",
                        PKI.ingressUpstream(),
                        UriTemplate.UDP,
                        Duration.ofSeconds(5)));
    }

    RawH3Client connectRaw() throws IOException {
        return RawH3Client.connect(address(), PKI.ingressUpstream());
    }

    /// Requests over `version`.
    Wire wire(HttpVersion version) {
        return Wire.to(version, address(), PKI.ingressUpstream());
    }

    private InetSocketAddress address() {
        return pipeline.addresses().getFirst();
    }

    CountingListener listener() {
        return listener;
    }

    Drain drain() {
        return drain;
    }

    int activeTunnels() {
        return pipeline.activeTunnels();
    }

    void awaitNoTunnel() {
        Await.until("no tunnel is open", () -> pipeline.activeTunnels() == 0);
    }

    @Override
    public void close() {
        pipeline.close();
    }
}
