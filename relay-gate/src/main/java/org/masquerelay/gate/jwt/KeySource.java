package org.masquerelay.gate.jwt;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.net.URI;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;

/// Fetches the keys of an issuer over HTTP.
public final class KeySource {
    /// For all of it, also where the keys have to be found first.
    private static final Duration TIMEOUT = Duration.ofSeconds(8);

    private static final Mono<KeySet> TOO_LATE =
            Mono.error(() -> new Unusable("no answer within " + TIMEOUT.toSeconds() + " s"));

    private static final MediaType JWK_SET = MediaType.parseMediaType("application/jwk-set+json");

    private static final List<String> LOOPBACK = List.of("localhost", "127.0.0.1", "[::1]");

    private final Supplier<WebClient> web;

    /// @param web asked for each fetch; bounds the size of answers, follows no redirects
    public KeySource(Supplier<WebClient> web) {
        this.web = web;
    }

    /// Those of a JWK set.
    public Mono<KeySet> at(URI jwkSet) {
        return get(jwkSet).map(KeySource::keys).timeout(TIMEOUT, TOO_LATE);
    }

    /// Those that an issuer says in its metadata are its own (OpenID Connect Discovery 1.0, section
    /// 4, and RFC 8414, section 3).
    public Mono<KeySet> of(URI issuer) {
        var openId =
                metadata(
                        issuer,
                        URI.create(withoutSlash(issuer) + "/.well-known/openid-configuration"));
        var oauth = metadata(issuer, wellKnown(issuer));
        return openId.onErrorResume(NotFound.class, _ -> oauth)
                .flatMap(this::get)
                .map(KeySource::keys)
                .timeout(TIMEOUT, TOO_LATE);
    }

    private static String withoutSlash(URI issuer) {
        String text = issuer.toString();
        return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }

    /// RFC 8414, section 3.1: the well-known part comes before the path of the issuer.
    private static URI wellKnown(URI issuer) {
        String path = issuer.getRawPath() == null ? "" : issuer.getRawPath();
        String tail = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        return issuer.resolve("/.well-known/oauth-authorization-server" + tail);
    }

    private Mono<URI> metadata(URI issuer, URI from) {
        return get(from).map(json -> jwksUri(issuer, json));
    }

    private static URI jwksUri(URI issuer, String json) {
        Map<String, Object> metadata;
        try {
            metadata = JSONObjectUtils.parse(json);
        } catch (ParseException _) {
            throw new Unusable("the metadata of the issuer is no JSON object");
        }
        // RFC 8414, section 3.3: who speaks for another issuer is not believed.
        if (!issuer.toString().equals(metadata.get("issuer"))) {
            throw new Unusable("the metadata is that of another issuer");
        }
        if (metadata.get("jwks_uri") instanceof String text) {
            try {
                var uri = URI.create(text);
                // An issuer elsewhere has no business with what listens on this machine.
                boolean isLocal = "http".equals(issuer.getScheme());
                if (isSafe(uri) && (isLocal || "https".equals(uri.getScheme()))) {
                    return uri;
                }
            } catch (IllegalArgumentException _) {
                // Not a URI.
            }
        }
        throw new Unusable("the metadata has no jwks_uri that begins with https");
    }

    /// Whether what comes from there can be believed: by https, or from this machine.
    public static boolean isSafe(URI uri) {
        return uri.getHost() != null
                && ("https".equals(uri.getScheme())
                        || ("http".equals(uri.getScheme()) && LOOPBACK.contains(uri.getHost())));
    }

    private Mono<String> get(URI from) {
        return Mono.defer(() ->
                web.get()
                        .get()
                        .uri(from)
                        .accept(JWK_SET, MediaType.APPLICATION_JSON)
                        .exchangeToMono(response -> body(from, response)));
    }

    private static Mono<String> body(URI from, ClientResponse response) {
        var status = response.statusCode();
        return status.isSameCodeAs(HttpStatusCode.valueOf(200))
                ? response.bodyToMono(String.class)
                        .switchIfEmpty(Mono.error(() -> new Unusable(from + " is empty")))
                : response.releaseBody()
                        .then(
                                Mono.error(() ->
                                        status.value() == 404
                                                ? new NotFound(from)
                                                : new Unusable(
                                                        from + " answers " + status.value())));
    }

    private static KeySet keys(String json) {
        try {
            return KeySet.parse(json);
        } catch (ParseException e) {
            throw new Unusable("the JWK set cannot be used: " + e.getMessage());
        }
    }

    /// An answer that gives no keys.
    private static sealed class Unusable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unusable(String problem) {
            super(problem);
        }
    }

    private static final class NotFound extends Unusable {
        private static final long serialVersionUID = 1L;

        NotFound(URI where) {
            super(where + " answers 404");
        }
    }
}
