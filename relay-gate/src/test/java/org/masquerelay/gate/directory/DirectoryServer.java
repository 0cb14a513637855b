package org.masquerelay.gate.directory;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.net.URI;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLException;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.token.issuance.IssuerDirectory;
import org.masquerelay.transport.TlsMaterial;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.resources.LoopResources;

/// An issuer's web server, on a loop of its own.
final class DirectoryServer implements AutoCloseable {
    private final List<X509Certificate> anchors;
    private final LoopResources loops = LoopResources.create("directory-server", 1, true);
    private final DisposableServer server;
    private final AtomicReference<Answer> answer = new AtomicReference<>(Answer.status(404));
    private final AtomicInteger requests = new AtomicInteger();

    DirectoryServer(Path home) throws Exception {
        this(DevelopmentPki.open(home, Clock.systemUTC()));
    }

    private DirectoryServer(DevelopmentPki pki) throws Exception {
        this(pki.ingressServer(), pki.client().anchors());
    }

    /// @param anchors what [#trust] trusts
    DirectoryServer(TlsMaterial own, List<X509Certificate> anchors) throws Exception {
        this.anchors = anchors;
        var tls =
                SslContextBuilder.forServer(
                                java.util.Objects.requireNonNull(own.key()), own.chain())
                        .build();
        server =
                HttpServer.create()
                        .runOn(loops)
                        .host("localhost")
                        .port(0)
                        .secure(spec -> spec.sslContext(tls))
                        .handle(this::answer)
                        .bindNow();
    }

    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record Answer(int status, String type, String cacheControl, byte[] body, Duration after) {
        static Answer status(int status) {
            return new Answer(status, "text/plain", "", new byte[0], Duration.ZERO);
        }

        static Answer directory(byte[] body, String cacheControl) {
            return new Answer(200, IssuerDirectory.MEDIA_TYPE, cacheControl, body, Duration.ZERO);
        }

        Answer ofType(String other) {
            return new Answer(status, other, cacheControl, body, after);
        }

        Answer after(Duration delay) {
            return new Answer(status, type, cacheControl, body, delay);
        }
    }

    void answer(Answer next) {
        answer.set(next);
    }

    int requests() {
        return requests.get();
    }

    URI uri() {
        return URI.create("https://localhost:" + server.port() + IssuerDirectory.PATH);
    }

    SslContext trust() throws SSLException {
        return SslContextBuilder.forClient().trustManager(anchors).build();
    }

    private Mono<Void> answer(HttpServerRequest request, HttpServerResponse response) {
        requests.incrementAndGet();
        var given = answer.get();
        HttpHeaders headers = response.status(given.status).responseHeaders();
        headers.set("content-type", given.type).set("location", IssuerDirectory.PATH + "/other");
        if (!given.cacheControl.isEmpty()) {
            headers.set("cache-control", given.cacheControl);
        }
        var body = response.sendByteArray(Mono.just(given.body)).then();
        return given.after.isZero() ? body : Mono.delay(given.after).then(body);
    }

    @Override
    public void close() {
        server.disposeNow(Duration.ofSeconds(5));
        loops.dispose();
    }
}
