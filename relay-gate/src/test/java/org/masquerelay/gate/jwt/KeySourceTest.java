package org.masquerelay.gate.jwt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;

/// Fetching keys from a server.
final class KeySourceTest {
    private static final String KEYS = JwtMint.of("ES256").keys();

    private final ConcurrentHashMap<String, String> pages = new ConcurrentHashMap<>();
    private final KeySource source = new KeySource(WebClient::create);
    private final HttpServer server = server();

    private static HttpServer server() {
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @BeforeEach
    void start() {
        server.createContext(
                "/",
                exchange -> {
                    var page = pages.get(exchange.getRequestURI().toString());
                    byte[] body = page == null ? new byte[0] : page.getBytes(UTF_8);
                    if (page != null && page.startsWith("redirect ")) {
                        exchange.getResponseHeaders().add("location", page.substring(9));
                        exchange.sendResponseHeaders(302, -1);
                    } else {
                        exchange.sendResponseHeaders(
                                page == null ? 404 : 200, body.length == 0 ? -1 : body.length);
                    }
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private String origin() {
        return "http://localhost:" + server.getAddress().getPort();
    }

    private static KeySet await(Mono<KeySet> keys) {
        return keys.blockOptional(Duration.ofSeconds(20)).orElseThrow();
    }

    private void metadata(String at, String issuer) {
        pages.put(at, "{\"issuer\":\"" + issuer + "\",\"jwks_uri\":\"" + origin() + "/keys\"}");
    }

    @Test
    void fetchesAJwkSet() {
        pages.put("/keys?x=1", KEYS);

        assertThat(await(source.at(URI.create(origin() + "/keys?x=1"))).keys()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "'', /.well-known/openid-configuration",
        "'', /.well-known/oauth-authorization-server",
        "/a/b, /a/b/.well-known/openid-configuration",
        "/a/b, /.well-known/oauth-authorization-server/a/b",
        "/a/, /a/.well-known/openid-configuration",
        "/a/, /.well-known/oauth-authorization-server/a"
    })
    void findsTheKeysOfAnIssuer(String path, String at) {
        pages.put("/keys", KEYS);
        metadata(at, origin() + path);

        assertThat(await(source.of(URI.create(origin() + path))).keys()).hasSize(1);
    }

    @Test
    void doesNotBelieveMetadataOfAnotherIssuer() {
        pages.put("/keys", KEYS);
        metadata("/.well-known/openid-configuration", "https://other.example");

        assertThatThrownBy(() -> await(source.of(URI.create(origin()))))
                .hasMessage("the metadata is that of another issuer");
    }

    @Test
    void asksNothingOfThisMachineBecauseAnIssuerElsewhereSaysSo() {
        var asked = new CopyOnWriteArrayList<URI>();
        String metadata =
                "{\"issuer\":\"https://issuer.example\",\"jwks_uri\":\"http://localhost:1/\"}";
        var elsewhere =
                new KeySource(() ->
                        WebClient.builder()
                                .exchangeFunction(request -> {
                                    asked.add(request.url());
                                    return Mono.just(
                                            ClientResponse.create(HttpStatus.OK)
                                                    .body(metadata)
                                                    .build());
                                })
                                .build());

        assertThatThrownBy(() -> await(elsewhere.of(URI.create("https://issuer.example"))))
                .hasMessage("the metadata has no jwks_uri that begins with https");
        assertThat(asked).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "text, 'the metadata of the issuer is no JSON object'",
        "'{}', 'the metadata is that of another issuer'",
        "'{\"issuer\":\"ORIGIN\"}', 'the metadata has no jwks_uri that begins with https'",
        "'{\"issuer\":\"ORIGIN\",\"jwks_uri\":\"http://example.com/\"}',"
                + " 'the metadata has no jwks_uri that begins with https'",
        "'{\"issuer\":\"ORIGIN\",\"jwks_uri\":\"file:/etc/passwd\"}',"
                + " 'the metadata has no jwks_uri that begins with https'"
    })
    void saysWhatIsWrongWithMetadata(String json, String problem) {
        pages.put("/.well-known/openid-configuration", json.replace("ORIGIN", origin()));

        assertThatThrownBy(() -> await(source.of(URI.create(origin())))).hasMessage(problem);
    }

    @ParameterizedTest
    @CsvSource({
        "text, the JWK set cannot be used: ",
        "'{\"keys\":[]}', the JWK set cannot be used: it has no key for RSA",
        "redirect /other, answers 302",
        "'', is empty"
    })
    void saysWhatIsWrongWithAJwkSet(String page, String problem) {
        pages.put("/other", KEYS);
        pages.put("/keys", page);

        assertThatThrownBy(() -> await(source.at(URI.create(origin() + "/keys"))))
                .hasMessageContaining(problem);
    }

    @Test
    void saysThatThereIsNothing() {
        assertThatThrownBy(() -> await(source.of(URI.create(origin()))))
                .hasMessage(origin() + "/.well-known/oauth-authorization-server answers 404");
    }
}
