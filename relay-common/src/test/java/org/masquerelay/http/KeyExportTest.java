package org.masquerelay.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.http.Offer.Concealment;
import org.masquerelay.testkit.RawH1Client;
import org.masquerelay.testkit.RawH2Client;
import org.masquerelay.testkit.RawH3Client;
import org.masquerelay.testkit.TlsContexts;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.KeyExporter;

/// Both ends of a real connection derive the same ([RFC 8446, section
/// 7.5](https://datatracker.ietf.org/doc/html/rfc8446#section-7.5)).
final class KeyExportTest {
    private static final String LABEL = "EXPORTER-HTTP-Concealed-Authentication";
    private static final String PATH = "/.well-known/masque/udp/192.0.2.1/53/";

    private static TestFront front(Concealment concealment) throws Exception {
        return TestFront.open(
                settings -> settings.with(settings.offer().with(concealment)),
                ScriptedService.Answer.AT_ONCE);
    }

    /// What a client exports, and what the relay does for the request it gets.
    private record Exporters(KeyExporter client, Optional<KeyExporter> relay) {}

    private static Exporters exporters(TestFront front, HttpVersion version) throws Exception {
        InetSocketAddress address = front.address();
        var tls = TestFront.clientTls();
        var client =
                switch (version) {
                    case H3 -> {
                        try (var h3 = RawH3Client.connect(address, tls)) {
                            var request = h3.request(extended());
                            assertThat(request.head().status()).isEqualTo(200);
                            yield h3.exporter();
                        }
                    }
                    case H2 -> {
                        try (var h2 = RawH2Client.connect(address, tls)) {
                            var request = h2.request(extended());
                            assertThat(request.awaitHead().status()).isEqualTo(200);
                            yield h2.tls().exporter();
                        }
                    }
                    case H1 -> {
                        try (var h1 = RawH1Client.connect(address, tls)) {
                            h1.request(
                                    "GET " + PATH + " HTTP/1.1",
                                    "Host: localhost",
                                    "Connection: Upgrade",
                                    "Upgrade: connect-udp");
                            assertThat(h1.awaitHead().status()).isEqualTo(101);
                            yield h1.tls().exporter();
                        }
                    }
                };
        return new Exporters(client, front.service().next().request().peer().exporter());
    }

    private static String[] extended() {
        return new String[] {
            ":method",
            "CONNECT",
            ":protocol",
            "connect-udp",
            ":scheme",
            "https",
            ":authority",
            "localhost",
            ":path",
            PATH
        };
    }

    private static void assertEqual(Exporters both, int contextBytes) {
        var context = "c".repeat(contextBytes).getBytes(StandardCharsets.US_ASCII);
        var relay = both.relay().orElseThrow().export(LABEL, context, 48).orElseThrow();
        assertThat(relay).hasSize(48).isEqualTo(both.client().export(LABEL, context, 48).get());
        context[0] = 'd';
        assertThat(both.relay().get().export(LABEL, context, 48).get()).isNotEqualTo(relay);
        assertThat(both.relay().get().export("EXPORTER-other", context, 48).get())
                .isEqualTo(both.client().export("EXPORTER-other", context, 48).get());
    }

    @ParameterizedTest
    @EnumSource
    void bothEndsExportTheSame(HttpVersion version) throws Exception {
        try (var front = front(Concealment.ACCEPTED)) {
            var both = exporters(front, version);
            assertEqual(both, 1);
            assertEqual(both, 255);
        }
    }

    @Test
    void aContextMayBeLongOverQuic() throws Exception {
        try (var front = front(Concealment.ACCEPTED)) {
            assertEqual(exporters(front, HttpVersion.H3), 400);
        }
    }

    @Test
    void theJdkExportsNothingForALongContext() throws Exception {
        try (var front = front(Concealment.ACCEPTED)) {
            var relay = exporters(front, HttpVersion.H1).relay().orElseThrow();
            assertThat(relay.export(LABEL, new byte[256], 48)).isEmpty();
            assertThat(relay.export(LABEL, new byte[255], 48)).isPresent();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aListenerThatHasNoUseForItHasNoExporter(HttpVersion version) throws Exception {
        try (var front = front(Concealment.NONE)) {
            assertThat(exporters(front, version).relay()).isEmpty();
        }
    }

    @Test
    void twoConnectionsExportDifferentSecrets() throws Exception {
        try (var one = front(Concealment.ACCEPTED);
                var other = front(Concealment.ACCEPTED)) {
            assertThat(export(one)).isNotEqualTo(export(other));
        }
    }

    @Test
    void resumedConnectionsExportSecretsOfTheirOwn() throws Exception {
        try (var front = front(Concealment.ACCEPTED)) {
            var context = TlsContexts.of(TestFront.clientTls());
            try (var first = connect(context, front)) {
                var ofFirst = relaySide(front);
                var secret = export(ofFirst);
                try (var second = connect(context, front);
                        var third = connect(context, front)) {
                    var ofSecond = relaySide(front);
                    var ofThird = relaySide(front);
                    assertThat(second.getSession().getCreationTime())
                            .as("the second resumes the session of the first")
                            .isEqualTo(first.getSession().getCreationTime());
                    assertThat(export(ofFirst)).isEqualTo(secret);
                    assertThat(export(ofSecond)).isNotEqualTo(secret).isNotEqualTo(export(ofThird));
                }
            }
        }
    }

    private static SSLSocket connect(SSLContext context, TestFront front) throws Exception {
        int port = front.address().getPort();
        var socket = (SSLSocket) context.getSocketFactory().createSocket("localhost", port);
        socket.setSoTimeout(10_000);
        var parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"http/1.1"});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        var request =
                "GET "
                        + PATH
                        + " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
                        + "Upgrade: connect-udp\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        assertThat(socket.getInputStream().read()).isEqualTo('H');
        return socket;
    }

    private static KeyExporter relaySide(TestFront front) throws Exception {
        return front.service().next().request().peer().exporter().orElseThrow();
    }

    private static byte[] export(KeyExporter exporter) {
        return exporter.export(LABEL, new byte[1], 48).orElseThrow();
    }

    private static byte[] export(TestFront front) throws Exception {
        var relay = exporters(front, HttpVersion.H3).relay().orElseThrow();
        return relay.export(LABEL, new byte[1], 48).orElseThrow();
    }
}
