package org.masquerelay.gate.issuer;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.http.PlainRequest;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.IssuerKey;
import org.masquerelay.token.TokenChallenge;
import org.masquerelay.token.TokenType;
import org.masquerelay.token.issuance.IssuerDirectory;
import org.masquerelay.token.issuance.IssuerKeyPair;
import org.masquerelay.token.issuance.IssuerKeySet;
import org.masquerelay.token.issuance.IssuerKeySet.Rotation;
import org.masquerelay.token.issuance.PendingToken;
import org.masquerelay.tunnel.HeaderFields;

final class IssuerResourceTest {
    private static final String DIRECTORY = "/.well-known/private-token-issuer-directory";
    private static final String TOKEN_REQUEST = "application/private-token-request";
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    private static final IssuerKeyPair VOPRF = IssuerKeyPair.generate(TokenType.VOPRF, RANDOM);
    private static final IssuerKeyPair RSA = IssuerKeyPair.generate(TokenType.BLIND_RSA, RANDOM);

    private Instant time = NOW;
    private IssuerKeySet keys = IssuerKeySet.of(VOPRF, RSA);
    private final IssuerResource issuer = new IssuerResource(() -> keys, () -> time);

    @ParameterizedTest
    @EnumSource(TokenType.class)
    void issuesATokenByTheBlindProtocol(TokenType type) throws Exception {
        var found = answer("GET", DIRECTORY, "", new byte[0]);
        var directory = IssuerDirectory.parse(bytes(found));
        var key = directory.preferredKey(type, NOW).orElseThrow();
        var challenge = TokenChallenge.of(type, "issuer.example", ImmutableBytes.EMPTY, List.of());
        var pending = PendingToken.start(challenge, key, new SecureRandom());
        var path = directory.requestUri(URI.create("https://relay.example" + DIRECTORY)).getPath();

        var issued = answer("POST", path, TOKEN_REQUEST, pending.request());

        assertThat(issued.status()).isEqualTo(200);
        assertThat(issued.fields().all("content-type"))
                .containsExactly("application/private-token-response");
        assertThat(issued.fields().all("cache-control")).containsExactly("no-store");
        var pair = type == TokenType.VOPRF ? VOPRF : RSA;
        assertThat(pair.verifyingKey().verify(pending.finish(bytes(issued)))).isTrue();
    }

    @Test
    void rotatesAKeyWhileItRuns() throws Exception {
        var change = NOW.plusSeconds(600);
        var overlap = Duration.ofMinutes(5);
        keys = keys.rotate(new Rotation(TokenType.VOPRF, change, overlap), NOW, RANDOM);
        var old = VOPRF.publicKey();
        var early = IssuerDirectory.parse(bytes(answer("GET", DIRECTORY, "", new byte[0])));
        var fresh = early.preferredKey(TokenType.VOPRF, change).orElseThrow();

        assertThat(early.preferredKey(TokenType.VOPRF, NOW)).contains(old);
        assertThat(fresh).isNotEqualTo(old);
        time = change.plus(overlap).minusSeconds(1);
        assertThat(statusFor(old)).isEqualTo(200);
        assertThat(statusFor(fresh)).isEqualTo(200);
        assertThat(answer("GET", DIRECTORY, "", new byte[0]).fields().all("cache-control"))
                .containsExactly("max-age=1");
        time = change.plus(overlap);
        assertThat(statusFor(old)).isEqualTo(422);
        assertThat(statusFor(fresh)).isEqualTo(200);
    }

    private int statusFor(IssuerKey key) {
        var challenge =
                TokenChallenge.of(key.type(), "issuer.example", ImmutableBytes.EMPTY, List.of());
        var pending = PendingToken.start(challenge, key, RANDOM);
        return answer("POST", "/token-request", TOKEN_REQUEST, pending.request()).status();
    }

    @Test
    void servesItsDirectoryWithTypeAndAge() {
        var found = answer("GET", DIRECTORY + "?x=1", "", new byte[0]);

        assertThat(found.status()).isEqualTo(200);
        assertThat(found.fields().all("content-type"))
                .containsExactly("application/private-token-issuer-directory");
        assertThat(found.fields().all("cache-control")).containsExactly("max-age=3600");
        assertThat(bytes(answer("HEAD", DIRECTORY, "", new byte[0]))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "GET,    /,                                              , 404",
        "GET,    /.well-known/private-token-issuer-directory/,   , 404",
        "POST,   /.well-known/private-token-issuer-directory,    , 405",
        "GET,    /token-request,                                 , 405",
        "POST,   /token-request,                                 , 415",
        "POST,   /token-request, text/plain,                       415",
        "POST,   /token-request, application/private-token-request, 422",
        "POST,   /token-request, APPLICATION/Private-Token-Request;x=y, 422"
    })
    void refusesWhatIsNoTokenRequest(String method, String path, String type, int status) {
        assertThat(answer(method, path, type == null ? "" : type, new byte[3]).status())
                .isEqualTo(status);
    }

    @Test
    void namesTheMethodsThatAreAllowed() {
        assertThat(answer("PUT", DIRECTORY, "", new byte[0]).fields().all("allow"))
                .containsExactly("GET, HEAD");
        assertThat(answer("GET", "/token-request", "", new byte[0]).fields().all("allow"))
                .containsExactly("POST");
    }

    @Test
    void answersNothingWhenThereIsNoIssuer() {
        var request = new PlainRequest("GET", DIRECTORY, HeaderFields.NONE, ByteBuffer.allocate(0));

        assertThat(IssuerResource.NONE.apply(request).status()).isEqualTo(404);
    }

    private PlainResponse answer(String method, String path, String type, byte[] body) {
        var fields = type.isEmpty() ? HeaderFields.NONE : HeaderFields.of("content-type", type);
        return issuer.apply(new PlainRequest(method, path, fields, ByteBuffer.wrap(body)));
    }

    private static byte[] bytes(PlainResponse response) {
        var body = response.body().duplicate();
        byte[] bytes = new byte[body.remaining()];
        body.get(bytes);
        return bytes;
    }
}
