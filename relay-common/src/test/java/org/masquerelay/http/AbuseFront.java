package org.masquerelay.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.masquerelay.http.FrontSettings.ClientCertificates;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.CountingListener;
import org.masquerelay.testkit.RawH1Client;
import org.masquerelay.testkit.RawH2Client;
import org.masquerelay.testkit.RawH2Options;
import org.masquerelay.testkit.RawH3Client;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.transport.TlsMaterial;

/// A real [Front] of all HTTP versions on loopback in front of an [AbuseService]. It has one event
/// loop, so that a hostile connection always shares it with the healthy one.
final class AbuseFront implements AutoCloseable {
    private static final InetSocketAddress LOOPBACK =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final EventLoops loops = EventLoops.start(1);
    private final CountingListener listener = new CountingListener();
    private final AbuseService service = new AbuseService();
    private final Front front;

    private AbuseFront(FrontSettings settings) throws IOException {
        this.front = Front.open(loops, settings, TestFront.PKI::egressServer, service, listener);
    }

    static AbuseFront open() throws IOException {
        return open(FrontLimits.STANDARD);
    }

    static AbuseFront open(FrontLimits limits) throws IOException {
        return new AbuseFront(standard().with(limits));
    }

    static AbuseFront open(FrontSettings settings) throws IOException {
        return new AbuseFront(settings);
    }

    /// One that asks clients for certificates.
    static AbuseFront openWantingCertificates() throws IOException {
        return open(FrontSettings.standard("relay", LOOPBACK, ClientCertificates.WANTED));
    }

    static FrontSettings standard() {
        return FrontSettings.standard("relay", LOOPBACK, ClientCertificates.IGNORED);
    }

    private static TlsMaterial tls() {
        return TestFront.clientTls();
    }

    RawH1Client connectH1() throws IOException {
        return RawH1Client.connect(address(), tls());
    }

    RawH2Client connectH2() throws IOException {
        return RawH2Client.connect(address(), tls());
    }

    /// With a certificate that is taken where one is wanted.
    RawH2Client connectH2WithCertificate() throws IOException {
        return RawH2Client.connect(address(), TestFront.PKI.ingressUpstream());
    }

    RawH2Client connectH2(RawH2Options options) throws IOException {
        return RawH2Client.connect(address(), tls(), options);
    }

    RawH3Client connectH3() throws IOException {
        return RawH3Client.connect(address(), tls());
    }

    /// One on which the test writes the unidirectional streams of HTTP/3 itself.
    RawH3Client connectMuteH3() throws IOException {
        return RawH3Client.connectMute(address(), tls());
    }

    InetSocketAddress address() {
        return front.address();
    }

    AbuseService service() {
        return service;
    }

    CountingListener listener() {
        return listener;
    }

    /// Waits until the event loop has looked at its sockets again. Datagrams sent faster than that
    /// would fill the socket's buffer, which all clients share.
    void awaitTurn() throws Exception {
        loops.all().getFirst().submit(() -> {}).get(10, TimeUnit.SECONDS);
    }

    /// Waits until no more than these are left of what clients had opened.
    void awaitTunnels(int count) {
        Await.until("tunnels are closed", () -> service.open() == count);
    }

    /// A classic CONNECT (RFC 9113, section 8.5; RFC 9114, section 4.4), and more lines behind.
    static String[] connect(String target, String... more) {
        var lines = new java.util.ArrayList<>(List.of(":method", "CONNECT", ":authority", target));
        lines.addAll(List.of(more));
        return lines.toArray(String[]::new);
    }

    /// Closes all, and waits until nothing is left.
    @Override
    public void close() {
        front.close();
        awaitTunnels(0);
        Await.until("connections are closed", () -> listener.openConnections() == 0);
        loops.close();
    }
}
