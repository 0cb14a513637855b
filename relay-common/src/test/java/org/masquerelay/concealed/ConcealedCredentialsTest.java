package org.masquerelay.concealed;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.token.ImmutableBytes;

/// [RFC 9729, section 4](https://datatracker.ietf.org/doc/html/rfc9729#section-4).
final class ConcealedCredentialsTest {
    /// The example of section 5.
    private static final String EXAMPLE =
            "Concealed k=YmFzZW1lbnQ, a=VGhpcyBpcyBh-HB1YmxpYyBrZXkgaW4gdXNl_GhlcmU, s=2055,"
                    + " v=dmVyaWZpY2F0aW9u_zE2Qg,"
                    + " p=SW5zZXJ0_HNpZ25hdHVyZSBvZiBub25jZSBoZXJlIHdo"
                    + "aWNoIHRha2VzIDUxMiBiaXRz-GZvciBFZDI1NTE5IQ";

    @Test
    void readsTheExampleOfTheRfc() {
        var credentials = ConcealedCredentials.parse(EXAMPLE).orElseThrow();
        assertThat(text(credentials.keyId())).isEqualTo("basement");
        assertThat(credentials.publicKey().length()).isEqualTo(32);
        assertThat(credentials.scheme()).isEqualTo(0x0807);
        assertThat(credentials.verification().length()).isEqualTo(16);
        assertThat(credentials.proof().length()).isEqualTo(64);
        assertThat(credentials.realm()).isEmpty();
        assertThat(credentials.format()).isEqualTo(EXAMPLE);
    }

    private static String text(ImmutableBytes bytes) {
        return new String(bytes.toArray(), StandardCharsets.UTF_8);
    }

    @ParameterizedTest(name = "[{index}] {0}")
    @ValueSource(
            strings = {
                "concealed K=YQ, A=YQ, S=0, V=YQ, P=YQ",
                "Concealed k=YQ,a=YQ,s=65535,v=YQ,p=YQ",
                "Concealed  p=YQ , v=YQ\t,, s = 7,a=YQ, k=YQ",
                "Concealed k=YQ, a=YQ, s=2055, v=YQ, p=YQ, other=1, more=\"x, \\\"y\\\"\"",
                "Concealed k=YQ, a=YQ, s=2055, v=YQ, p=YQ, realm=\"a, \\\"b\\\"\"",
                "Concealed k=YQ, a=YQ, s=2055, v=YQ, p=YQ, realm=token"
            })
    void readsWhatMayBeSentToo(String field) {
        assertThat(ConcealedCredentials.parse(field)).isPresent();
    }

    @Test
    void readsAndWritesARealm() {
        var field = "Concealed k=YQ, a=YQ, s=1, v=YQ, p=YQ, realm=\"a \\\"b\\\" \\\\\"";
        var credentials = ConcealedCredentials.parse(field).orElseThrow();
        assertThat(credentials.realm()).isEqualTo("a \"b\" \\");
        assertThat(credentials.format()).isEqualTo(field);
    }

    @ParameterizedTest(name = "[{index}] {0}")
    @ValueSource(
            strings = {
                "",
                "Concealed",
                "Concealed ",
                "ConcealedX k=YQ, a=YQ, s=1, v=YQ, p=YQ",
                "Basic k=YQ, a=YQ, s=1, v=YQ, p=YQ",
                "Concealed a=YQ, s=1, v=YQ, p=YQ",
                "Concealed k=YQ, s=1, v=YQ, p=YQ",
                "Concealed k=YQ, a=YQ, v=YQ, p=YQ",
                "Concealed k=YQ, a=YQ, s=1, p=YQ",
                "Concealed k=YQ, a=YQ, s=1, v=YQ",
                "Concealed k=YQ, k=YQ, a=YQ, s=1, v=YQ, p=YQ",
                "Concealed k=YQ, K=YQ, a=YQ, s=1, v=YQ, p=YQ",
                "Concealed k=YQ, a=YQ, s=1, v=YQ, p=YQ, x=1, x=2",
                "Concealed k=\"YQ\", a=YQ, s=1, v=YQ, p=YQ",
                "Concealed k=YQ==, a=YQ, s=1, v=YQ, p=YQ",
                "Concealed k=YR, a=YQ, s=1, v=YQ, p=YQ",
                "Concealed k=Y, a=YQ, s=1, v=YQ, p=YQ",
                "Concealed k=, a=YQ, s=1, v=YQ, p=YQ",
                "Concealed k=Y+Q, a=YQ, s=1, v=YQ, p=YQ",
                "Concealed k=Y/Qa, a=YQ, s=1, v=YQ, p=YQ",
                "Concealed k=YQ, a=YQ, s=01, v=YQ, p=YQ",
                "Concealed k=YQ, a=YQ, s=00, v=YQ, p=YQ",
                "Concealed k=YQ, a=YQ, s=65536, v=YQ, p=YQ",
                "Concealed k=YQ, a=YQ, s=-1, v=YQ, p=YQ",
                "Concealed k=YQ, a=YQ, s=+1, v=YQ, p=YQ",
                "Concealed k=YQ, a=YQ, s=0x1, v=YQ, p=YQ",
                "Concealed k=YQ, a=YQ, s=\"1\", v=YQ, p=YQ",
                "Concealed k=YQ, a=YQ, s=4294967297, v=YQ, p=YQ",
                "Concealed k=YQ, a=YQ, s=1, v=YQ, p=YQ x",
                "Concealed k=YQ, a=YQ, s=1, v=YQ, p=YQ, Basic YQ==",
                "Concealed k=YQ, a=YQ, s=1, v=YQ, p=YQ, realm=\"open",
                "Concealed k=YQ, a=YQ, s=1, v=YQ, p=YQ, realm=\"open\\",
                "Concealed k=YQ; a=YQ; s=1; v=YQ; p=YQ",
                "Concealed YQ"
            })
    void ignoresTheWholeFieldForOneFault(String field) {
        assertThat(ConcealedCredentials.parse(field)).isEmpty();
    }

    @Test
    void ignoresEveryPrefixThatLacksAParameter() {
        int complete = EXAMPLE.indexOf(", p=") + ", p=".length();
        for (int length = 0; length <= complete; length++) {
            assertThat(ConcealedCredentials.parse(EXAMPLE.substring(0, length))).isEmpty();
        }
    }

    @Test
    void ignoresWhatIsTooLong() {
        var many = new StringBuilder(EXAMPLE);
        for (int i = 0; i < 12; i++) {
            many.append(", x").append(i).append("=1");
        }
        assertThat(ConcealedCredentials.parse(many.toString())).isEmpty();
        assertThat(ConcealedCredentials.parse(EXAMPLE + " ".repeat(8192))).isEmpty();
    }
}
