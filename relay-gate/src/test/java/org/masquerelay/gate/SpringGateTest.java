package org.masquerelay.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.masquerelay.gate.GateQuestions.LOOP;
import static org.masquerelay.gate.GateQuestions.MINT;
import static org.masquerelay.gate.GateQuestions.admitted;
import static org.masquerelay.gate.GateQuestions.chain;
import static org.masquerelay.gate.GateQuestions.challenge;
import static org.masquerelay.gate.GateQuestions.gate;
import static org.masquerelay.gate.GateQuestions.refused;
import static org.masquerelay.gate.GateQuestions.tcp;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.token.InMemorySpentTokens;
import org.masquerelay.token.SpentTokenStore;
import org.masquerelay.token.Token;
import org.masquerelay.token.issuance.IssuerKeyPair;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.RefusalReason;

/// What the gate makes of requests with and without tokens.
final class SpringGateTest {
    private static final String UDP_PATH = "/.well-known/masque/udp/target.example/443/";

    private final SpentTokenStore spent = new InMemorySpentTokens(3, MINT.windows::isLive);
    private final Gate gate = gate(spent, ProxyChallenge.IN_KIND);

    @Test
    void challengesARequestWithoutAToken() throws Exception {
        var refusal = refused(gate, tcp(HeaderFields.NONE));

        assertThat(refusal.status()).isEqualTo(401);
        assertThat(refusal.tag()).isEqualTo("unauthenticated");
        assertThat(refusal.fields().all("www-authenticate"))
                .singleElement()
                .asString()
                .matches("PrivateToken challenge=\"[^\"]+\", token-key=\"[^\"]+\", max-age=\\d+");
        admitted(gate, tcp(TokenMint.authorization(MINT.answer(challenge(refusal)))));
    }

    @Test
    void admitsATokenFromAuthorization() throws Exception {
        var exchange = tcp(TokenMint.authorization(MINT.token()));

        assertThat(admitted(gate, exchange).request()).isSameAs(exchange.request());
    }

    @Test
    void admitsATokenFromProxyAuthorization() throws Exception {
        admitted(gate, tcp(TokenMint.proxyAuthorization(MINT.token())));
    }

    @Test
    void admitsATokenBesideCredentialsOfAnotherScheme() throws Exception {
        var token = TokenMint.proxyAuthorization(MINT.token());
        admitted(gate, tcp(token.with("authorization", "Basic dTpw")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                UDP_PATH,
                "/.well-known/masque/udp/2001%3Adb8%3A%3A1/443/",
                "/.well-known/masque/udp/192%2E0%2E2%2E1/443/",
                "/.well-known/masque/udp/fe80%3A%3A1%25eth0/443/",
                "/.well-known/masque/ip/192.0.2.0%2F24/17/",
                "/.well-known/masque/udp/*/*/",
                "/v1/proxy?h=2001%3Adb8%3A%3A1&p=443"
            })
    void admitsEveryFormOfTarget(String path) throws Exception {
        admitted(gate, FakeExchange.udp(LOOP, TokenMint.authorization(MINT.token()), path));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a//b/", "/a/../b/", "/a;b=c/", "/a%00/", "/a/%2e%2e/b%5c/"})
    void refusesPathsThatAreReadInTwoWays(String path) throws Exception {
        var exchange = FakeExchange.udp(LOOP, TokenMint.authorization(MINT.token()), path);

        assertThat(refused(gate, exchange).status()).isEqualTo(400);
    }

    @Test
    void refusesAPathThatIsNoUri() throws Exception {
        var exchange = FakeExchange.udp(LOOP, TokenMint.authorization(MINT.token()), "/a b/%zz");

        assertThat(refused(gate, exchange).status()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PrivateToken",
                "PrivateToken token=",
                "PrivateToken token=\"AAI=\"",
                "PrivateToken token=\"!!!\"",
                "privatetoken nothing=x",
                "PrivateToken token=\"AAIAAAAA\", token=\"AAIAAAAA\""
            })
    void challengesAMalformedToken(String value) throws Exception {
        var refusal = refused(gate, tcp(HeaderFields.of("authorization", value)));

        assertThat(refusal.status()).isEqualTo(401);
        assertThat(challenge(refusal)).startsWith("PrivateToken ");
    }

    @Test
    void challengesOtherSchemes() throws Exception {
        assertThat(refused(gate, tcp(HeaderFields.of("authorization", "Bearer x"))).status())
                .isEqualTo(401);
    }

    @Test
    void challengesAStaleToken() throws Exception {
        var mint = new TokenMint();
        var store = new InMemorySpentTokens(3, mint.windows::isLive);
        var staleGate = new SpringGate(chain(mint, store, ProxyChallenge.IN_KIND, List.of()));
        var token = mint.token();
        mint.now.updateAndGet(now -> now.plus(TokenMint.WINDOW).plus(TokenMint.GRACE));

        var refusal = refused(staleGate, tcp(TokenMint.authorization(token)));

        assertThat(refusal.status()).isEqualTo(401);
        admitted(staleGate, tcp(TokenMint.authorization(mint.answer(challenge(refusal)))));
    }

    @Test
    void forbidsATokenThatDoesNotVerify() throws Exception {
        var stranger = IssuerKeyPair.generate(new java.security.SecureRandom());
        var genuine = MINT.token();
        var foreign = TokenMint.token(MINT.windows.current(), stranger);
        var forged =
                new Token(
                        genuine.nonce(),
                        genuine.challengeDigest(),
                        genuine.tokenKeyId(),
                        foreign.authenticator());

        for (var token : List.of(foreign, forged)) {
            var refusal = refused(gate, tcp(TokenMint.authorization(token)));
            assertThat(refusal.status()).isEqualTo(403);
            assertThat(refusal.tag()).isEqualTo("credentials_refused");
            assertThat(refusal.fields().contains("www-authenticate")).isFalse();
        }
        admitted(gate, tcp(TokenMint.authorization(genuine)));
    }

    @Test
    void challengesASpentToken() throws Exception {
        var fields = TokenMint.authorization(MINT.token());
        admitted(gate, tcp(fields)).spend();

        assertThat(refused(gate, tcp(fields)).status()).isEqualTo(401);
    }

    @Test
    void letsOneOfTwoDuplicatesPassWhileNeitherIsSettled() throws Exception {
        var fields = TokenMint.authorization(MINT.token());
        admitted(gate, tcp(fields));

        assertThat(refused(gate, tcp(fields)).status()).isEqualTo(401);
    }

    @Test
    void admitsATokenAgainThatWasGivenBack() throws Exception {
        var fields = TokenMint.authorization(MINT.token());
        admitted(gate, tcp(fields)).giveBack();

        admitted(gate, tcp(fields));
    }

    @Test
    void refusesAsOverloadedWhenNoMoreTokensCanBeRemembered() throws Exception {
        for (int i = 0; i < 3; i++) {
            admitted(gate, tcp(TokenMint.authorization(MINT.token())));
        }
        var refusal = refused(gate, tcp(TokenMint.authorization(MINT.token())));

        assertThat(refusal.status()).isEqualTo(503);
        assertThat(refusal.tag()).isEqualTo(RefusalReason.OVERLOADED.tag());
    }

    @Test
    void answersProxyAuthorizationInKind() throws Exception {
        var refusal = refused(gate, tcp(HeaderFields.of("proxy-authorization", "Basic dTpw")));

        assertThat(refusal.status()).isEqualTo(407);
        assertThat(refusal.tag()).isEqualTo("proxy_unauthenticated");
        assertThat(refusal.fields().contains("www-authenticate")).isFalse();
        assertThat(refusal.fields().first("proxy-authenticate").orElseThrow())
                .startsWith("PrivateToken ");
    }

    @Test
    void answersProxyAuthorizationWith401WhenToldTo() throws Exception {
        var refusal =
                refused(
                        gate(spent, ProxyChallenge.NEVER),
                        tcp(HeaderFields.of("proxy-authorization", "Basic dTpw")));

        assertThat(refusal.status()).isEqualTo(401);
        assertThat(refusal.fields().contains("www-authenticate")).isTrue();
    }
}
