package org.masquerelay.gate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.masquerelay.gate.GateQuestions.admitted;
import static org.masquerelay.gate.GateQuestions.decidesAtOnce;
import static org.masquerelay.gate.GateQuestions.refused;
import static org.masquerelay.gate.GateQuestions.tcp;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.gate.basic.BasicScheme;
import org.masquerelay.gate.basic.FailureThrottle;
import org.masquerelay.gate.basic.Hashes;
import org.masquerelay.gate.basic.PasswordVerifier;
import org.masquerelay.gate.basic.Users;
import org.masquerelay.gate.basic.UsersFormatException;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.Tenant;
import org.springframework.security.config.web.server.ServerHttpSecurity;

/// Names and passwords at the gate.
final class BasicSchemeTest {
    private static final String CHALLENGE = "Basic realm=\"relay\", charset=\"UTF-8\"";

    private final Users users = users();
    private final Gate gate = gate();

    private static Users users() {
        try {
            return Users.parse(
                    List.of(
                            Hashes.line("Aladdin", "open sesame"),
                            Hashes.line("test", "123\u00a3"),
                            Hashes.line("empty", ""),
                            Hashes.slowLine("slow", "to verify"),
                            Hashes.line("colons", "a:b:c")));
        } catch (UsersFormatException e) {
            throw new AssertionError(e);
        }
    }

    private Gate gate() {
        var throttle = new FailureThrottle(4, Duration.ofMinutes(1), InstantSource.system());
        var verifier =
                new PasswordVerifier(1, Duration.ofMinutes(5), throttle, InstantSource.system());
        var basic = new BasicScheme("relay", () -> users, verifier);
        var rules =
                new GateRules(
                        List.of(basic), Admit.parse(List.of("basic")), ProxyChallenge.CONNECT);
        return new SpringGate(rules.chain(ServerHttpSecurity.http(), List.of()));
    }

    private static HeaderFields authorization(String value) {
        return HeaderFields.of("authorization", value);
    }

    private static String basic(String text) {
        return "Basic " + Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }

    private Tenant tenant(HeaderFields fields) throws Exception {
        return admitted(gate, tcp(fields)).tenant().orElseThrow();
    }

    @DisplayName("RFC 7617, sections 2 and 2.1: the examples")
    @Test
    void takesThePublishedExamples() throws Exception {
        assertThat(tenant(authorization("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")))
                .isEqualTo(new Tenant("Aladdin"));
        assertThat(tenant(authorization("Basic dGVzdDoxMjPCow=="))).isEqualTo(new Tenant("test"));
    }

    @Test
    void takesEitherFieldAndAnyCaseOfTheScheme() throws Exception {
        var value = basic("Aladdin:open sesame").replace("Basic", "bAsIc");

        tenant(authorization(value));
        tenant(HeaderFields.of("proxy-authorization", value));
        tenant(HeaderFields.of("proxy-authorization", value).with("authorization", "Bearer x"));
        tenant(HeaderFields.of("proxy-authorization", value).with("authorization", value));
    }

    @Test
    void takesEmptyPasswordsAndSuchWithColons() throws Exception {
        tenant(authorization(basic("empty:")));
        tenant(authorization(basic("colons:a:b:c")));
    }

    @Test
    void challengesAProxyClient() throws Exception {
        var refusal = refused(gate, tcp(HeaderFields.NONE));

        assertThat(refusal.status()).isEqualTo(407);
        assertThat(refusal.fields().all("proxy-authenticate")).containsExactly(CHALLENGE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Aladdin:open",
                "Aladdin:",
                "aladdin:open sesame",
                "Sindbad:open sesame",
                ":",
                ":open"
            })
    void challengesWrongNamesAndPasswordsAllAlike(String wrong) throws Exception {
        var refusal = refused(gate, tcp(authorization(basic(wrong))));

        assertThat(refusal.status()).isEqualTo(407);
        assertThat(refusal.fields().all("proxy-authenticate")).containsExactly(CHALLENGE);
        assertThat(refusal.proxyStatus("x")).contains("\"name or password is wrong\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Basic",
                "Basic ",
                "Basic =",
                "Basic QWxhZGRpbg==",
                "Basic QWxhZGRpbjpvcGVu!",
                "Basic 5DrkOuQ=",
                "Basic QTph CTpi",
                "Basic QTphAA=="
            })
    void challengesWhatIsNoNameAndPassword(String value) throws Exception {
        var refusal = refused(gate, tcp(authorization(value)));

        assertThat(refusal.status()).isEqualTo(407);
        assertThat(refusal.proxyStatus("x")).contains("\"name and password are malformed\"");
    }

    @Test
    void boundsWhatItDecodes() throws Exception {
        var refusal = refused(gate, tcp(authorization(basic("Aladdin:" + "x".repeat(800)))));

        assertThat(refusal.proxyStatus("x")).contains("malformed");
    }

    @Test
    void refusesTwoDifferentOnes() throws Exception {
        var fields =
                authorization(basic("Aladdin:open sesame"))
                        .with("proxy-authorization", basic("empty:"));

        assertThat(refused(gate, tcp(fields)).status()).isEqualTo(400);
    }

    @Test
    void refusesAClientThatFailsTooOftenAndSaysHowLong() throws Exception {
        for (int i = 0; i < 4; i++) {
            assertThat(refused(gate, tcp(authorization(basic("Aladdin:" + i)))).status())
                    .isEqualTo(407);
        }

        var refusal = refused(gate, tcp(authorization(basic("Aladdin:open sesame"))));

        assertThat(refusal.status()).isEqualTo(429);
        assertThat(Integer.parseInt(refusal.fields().first("retry-after").orElseThrow()))
                .isBetween(1, 61);
        assertThat(refusal.fields().contains("proxy-authenticate")).isFalse();
    }

    @Test
    void leavesTheEventLoopOnlyForTheFirstTunnel() throws Exception {
        var exchange = tcp(authorization(basic("slow:to verify")));

        assertThat(decidesAtOnce(gate, exchange)).isFalse();
        admitted(gate, exchange);
        assertThat(decidesAtOnce(gate, exchange)).isTrue();
    }
}
