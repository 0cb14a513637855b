package org.masquerelay.gate.issuer;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.masquerelay.gate.issuer.Attester.Attested;
import org.masquerelay.gate.issuer.Attester.Refused;
import org.masquerelay.gate.issuer.LimitedIssuer.Limit;
import org.masquerelay.http.PlainRequest;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.Peer;

final class LimitedIssuerTest {
    private static final Limit FOUR_PER_MINUTE = new Limit(4, Duration.ofMinutes(1), 100);

    private final MockTicker ticker = Ticker.newMockTicker();
    private final LimitedIssuer issuer = issuer(new AddressAttester(), FOUR_PER_MINUTE);

    @Test
    void givesAClientItsTokensAndTellsItWhenToComeAgain() {
        for (int i = 0; i < 4; i++) {
            assertThat(ask("192.0.2.1").status()).isEqualTo(200);
        }

        var refused = ask("192.0.2.1");

        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.fields().first("retry-after")).hasValue("15");
        ticker.advance(14, TimeUnit.SECONDS);
        assertThat(ask("192.0.2.1").fields().first("retry-after")).hasValue("1");
        ticker.advance(1, TimeUnit.SECONDS);
        assertThat(ask("192.0.2.1").status()).isEqualTo(200);
        assertThat(ask("192.0.2.1").status()).isEqualTo(429);
    }

    @Test
    void savesNoMoreThanOneBurstForAClientThatWasAway() {
        ask("192.0.2.1");
        ticker.advance(10, TimeUnit.HOURS);

        for (int i = 0; i < 4; i++) {
            assertThat(ask("192.0.2.1").status()).isEqualTo(200);
        }
        assertThat(ask("192.0.2.1").status()).isEqualTo(429);
    }

    @Test
    void letsEverybodyHaveTheDirectory() {
        for (int i = 0; i < 10; i++) {
            assertThat(issuer.answer(request("/directory"), peer("192.0.2.1")).status())
                    .isEqualTo(200);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1,           192.0.2.1,           true",
        "192.0.2.1,           192.0.2.2,           false",
        "2001:db8:0:1200::1,  2001:db8:0:12ff::2,  true",
        "2001:db8:0:1200::1,  2001:db8:0:1300::1,  false"
    })
    void takesWhatAHouseholdHasForOneClient(String one, String other, boolean same) {
        for (int i = 0; i < 4; i++) {
            ask(one);
        }

        assertThat(ask(other).status()).isEqualTo(same ? 429 : 200);
    }

    @Test
    void answersWhatTheAttesterSays() {
        var refusing =
                issuer(
                        (_, _) ->
                                new Refused(
                                        new PlainResponse(
                                                401,
                                                HeaderFields.of("www-authenticate", "Basic"),
                                                ByteBuffer.allocate(0))),
                        FOUR_PER_MINUTE);

        var answer = refusing.answer(request("/token-request"), peer("192.0.2.1"));

        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.fields().contains("www-authenticate")).isTrue();
    }

    @Test
    void remembersSoManyClientsAndNoMore() {
        var buckets = new TokenBuckets(new TokenBuckets.Rate(1, Duration.ofHours(1)), 3, ticker);
        for (int i = 0; i < 1000; i++) {
            assertThat(buckets.take("client " + i)).isZero();
        }

        assertThat(buckets.size()).isEqualTo(3);
        assertThat(buckets.take("client 999")).isPositive();
    }

    @Test
    void limitsTheClientThatTheAttesterNames() {
        var naming =
                issuer(
                        (request, _) -> new Attested(request.fields().first("user").orElse("")),
                        new Limit(1, Duration.ofMinutes(1), 10));

        assertThat(naming.answer(from("a"), peer("192.0.2.1")).status()).isEqualTo(200);
        assertThat(naming.answer(from("a"), peer("192.0.2.2")).status()).isEqualTo(429);
        assertThat(naming.answer(from("b"), peer("192.0.2.1")).status()).isEqualTo(200);
    }

    private static PlainRequest from(String user) {
        return new PlainRequest(
                "POST", "/token-request", HeaderFields.of("user", user), ByteBuffer.allocate(0));
    }

    private LimitedIssuer issuer(Attester attester, Limit limit) {
        return new LimitedIssuer(
                _ -> PlainResponse.empty(200),
                request -> request.path().equals("/token-request"),
                attester,
                limit,
                ticker);
    }

    private PlainResponse ask(String address) {
        return issuer.answer(request("/token-request"), peer(address));
    }

    private static PlainRequest request(String path) {
        return new PlainRequest("POST", path, HeaderFields.NONE, ByteBuffer.allocate(0));
    }

    private static Peer peer(String address) {
        return new Peer(new InetSocketAddress(address, 4711), List.of(), "main", HttpVersion.H3);
    }
}
