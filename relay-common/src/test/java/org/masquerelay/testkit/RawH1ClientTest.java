package org.masquerelay.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HeaderField;

/// The client against TLS of the JDK.
@Timeout(60)
final class RawH1ClientTest {
    private static DevelopmentPki pki;

    private ServerSocket listener;

    /// What the server does with its one connection.
    private interface Script<T> {
        T run(SSLSocket tls, Socket tcp) throws Exception;
    }

    @BeforeAll
    static void makeCertificates(@TempDir Path home) throws Exception {
        pki = DevelopmentPki.open(home.resolve("pki"), Clock.systemUTC());
    }

    @BeforeEach
    void listen() throws IOException {
        listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void close() throws IOException {
        listener.close();
    }

    private <T> CompletableFuture<T> serve(Script<T> script) {
        return serve(pki.ingressServer(), script);
    }

    private <T> CompletableFuture<T> serve(TlsMaterial material, Script<T> script) {
        var result = new CompletableFuture<T>();
        Thread.ofVirtual()
                .start(() -> {
                    try (var tcp = listener.accept();
                            var tls =
                                    (SSLSocket)
                                            TlsContexts.of(material)
                                                    .getSocketFactory()
                                                    .createSocket(tcp, null, true)) {
                        var parameters = tls.getSSLParameters();
                        parameters.setApplicationProtocols(new String[] {"http/1.1"});
                        parameters.setNeedClientAuth(!material.anchors().isEmpty());
                        tls.setSSLParameters(parameters);
                        result.complete(script.run(tls, tcp));
                    } catch (Exception failure) {
                        result.completeExceptionally(failure);
                    }
                });
        return result;
    }

    private RawH1Client connect(TlsMaterial material) throws IOException {
        var address = (InetSocketAddress) listener.getLocalSocketAddress();
        return RawH1Client.connect(address, material);
    }

    private RawH1Client connect() throws IOException {
        return connect(pki.client());
    }

    private static void write(SSLSocket tls, String text) throws IOException {
        tls.getOutputStream().write(RawBytes.latin1(text));
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(10, TimeUnit.SECONDS);
    }

    @Test
    void writesLinesAndReadsAHeadAndWhatFollowsIt() throws Exception {
        var request =
                serve((tls, _) -> {
                    var bytes = tls.getInputStream().readNBytes(27);
                    write(tls, "HTTP/1.1 200 Quite OK\r\nOne: 1\r\none:2 \r\nX:\r\n\r\nhello");
                    tls.getInputStream().read();
                    return new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
                });
        try (var client = connect()) {
            assertThat(client.tls().alpn()).isEqualTo("http/1.1");
            client.request("GET / HTTP/1.1", "Host: h");
            client.send(new byte[] {});
            var head = client.awaitHead();
            assertThat(head.statusLine()).isEqualTo("HTTP/1.1 200 Quite OK");
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.fields())
                    .containsExactly(
                            new HeaderField("one", "1"),
                            new HeaderField("one", "2"),
                            new HeaderField("x", ""));
            assertThat(client.awaitText(5)).isEqualTo("hello");
        }
        assertThat(get(request)).isEqualTo("GET / HTTP/1.1\r\nHost: h\r\n\r\n".substring(0, 27));
    }

    @Test
    void tellsCloseNotifyFromFinAndFromRst() throws Exception {
        assertThat(
                        endAfter((tls, _) -> {
                            tls.shutdownOutput();
                            return tls.getInputStream().read();
                        }))
                .isEqualTo(new TlsEnd.CloseNotify());
        assertThat(
                        endAfter((tls, tcp) -> {
                            tcp.shutdownOutput();
                            return tls.getInputStream().read();
                        }))
                .isEqualTo(new TlsEnd.Truncated());
        assertThat(
                        endAfter((_, tcp) -> {
                            tcp.setSoLinger(true, 0);
                            tcp.close();
                            return 0;
                        }))
                .isEqualTo(new TlsEnd.Reset());
    }

    private TlsEnd endAfter(Script<Integer> ending) throws Exception {
        serve((tls, tcp) -> {
            write(tls, "bye");
            // The client has read it, so that nothing is lost with RST.
            tls.getInputStream().read();
            return ending.run(tls, tcp);
        });
        try (var client = connect()) {
            assertThat(client.awaitText(3)).isEqualTo("bye");
            client.send("x");
            return client.awaitEnd();
        }
    }

    @Test
    void finishesAndStillReads() throws Exception {
        var ended =
                serve((tls, _) -> {
                    int end = tls.getInputStream().read();
                    write(tls, "HTTP/1.1 204 Late\r\n\r\n");
                    return end;
                });
        try (var client = connect()) {
            client.finish();
            assertThat(client.awaitStatus()).isEqualTo(204);
            assertThat(client.awaitEnd()).isEqualTo(new TlsEnd.CloseNotify());
        }
        assertThat(get(ended)).isEqualTo(-1);
    }

    // RFC 8446, section 5.1: alerts go out as application_data, which is record type 23.
    @Test
    void endsItsSideWithAndWithoutCloseNotify() throws Exception {
        assertThat(firstByteBelowTls(RawH1Client::finish)).isEqualTo(23);
        assertThat(firstByteBelowTls(client -> client.tls().truncate())).isEqualTo(-1);
    }

    private interface Ending {
        void end(RawH1Client client) throws IOException;
    }

    private int firstByteBelowTls(Ending ending) throws Exception {
        var first =
                serve((tls, tcp) -> {
                    tls.getInputStream().read();
                    var below = tcp.getInputStream().readAllBytes();
                    return below.length == 0 ? -1 : below[0];
                });
        try (var client = connect()) {
            client.send("x");
            ending.end(client);
            return get(first);
        }
    }

    @Test
    void sendsWhatIsNoRecord() throws Exception {
        serve((tls, _) -> tls.getInputStream().read());
        try (var client = connect()) {
            client.tls().sendBelow(RawBytes.hex("1703030003010203"));
            assertThat(client.awaitEnd()).isInstanceOf(TlsEnd.Alert.class);
        }
    }

    @Test
    void resets() throws Exception {
        var failed = serve((tls, _) -> tls.getInputStream().read());
        try (var client = connect()) {
            client.reset();
            assertThatThrownBy(() -> get(failed))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
    }

    @Test
    void closesThoughThePeerReadsNothing() throws Exception {
        var release = new CompletableFuture<Boolean>();
        var sending = new CompletableFuture<Integer>();
        serve((tls, _) -> {
            sending.complete(tls.getInputStream().read());
            return release.get();
        });
        try (var client = connect()) {
            var stuck = new CompletableFuture<Boolean>();
            Thread.ofVirtual()
                    .start(() -> {
                        try {
                            client.send(new byte[64 << 20]);
                            stuck.complete(false);
                        } catch (IOException _) {
                            stuck.complete(true);
                        }
                    });
            get(sending);
            client.close();
            assertThat(get(stuck)).isTrue();
        } finally {
            release.complete(true);
        }
    }

    @Test
    void showsItsCertificateAndReadsAlerts() throws Exception {
        var names =
                serve(
                        pki.egressServer(),
                        (tls, _) -> tls.getSession().getPeerPrincipal().getName());
        try (var client = connect(pki.ingressUpstream())) {
            assertThat(get(names)).contains("ingress-client");
            assertThat(client.awaitEnd()).isEqualTo(new TlsEnd.CloseNotify());
        }
        // TLS 1.3 tells a client after its own handshake is over.
        serve(pki.egressServer(), (tls, _) -> tls.getInputStream().read());
        try (var client = connect()) {
            assertThat(client.awaitEnd()).isInstanceOf(TlsEnd.Alert.class);
        }
    }

    @Test
    void showsACertificateThatNobodyAskedFor() throws Exception {
        var failed = serve(pki.egressServer(), (tls, _) -> tls.getInputStream().read());
        var wrong =
                new TlsMaterial(
                        pki.ingressServer().key(),
                        pki.ingressServer().chain(),
                        pki.client().anchors());
        try (var client = connect(wrong)) {
            assertThat(client.awaitEnd()).isEqualTo(new TlsEnd.Alert("certificate_unknown"));
        }
        assertThatThrownBy(() -> get(failed)).hasCauseInstanceOf(SSLHandshakeException.class);
    }

    @Test
    void trustsNobodyElse() {
        serve((tls, _) -> tls.getInputStream().read());
        assertThatThrownBy(() -> connect(TlsMaterial.trusting(List.of())))
                .isInstanceOf(IOException.class);
    }
}
