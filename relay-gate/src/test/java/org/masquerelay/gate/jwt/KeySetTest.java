package org.masquerelay.gate.jwt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import com.nimbusds.jwt.SignedJWT;
import java.security.KeyPairGenerator;
import java.text.ParseException;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class KeySetTest {
    private static final String CLAIMS =
            "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290"
                    + "Ijp0cnVlfQ";

    /// A published key, and what it has signed.
    record Vector(String source, String key, String token) {
        @Override
        public String toString() {
            return source;
        }
    }

    static List<Vector> vectors() {
        return List.of(
                new Vector(
                        "RFC 7515, appendix A.2: RS256",
                        """
                        {"kty":"RSA", "e":"AQAB",
                         "n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}
                        """,
                        "eyJhbGciOiJSUzI1NiJ9."
                                + CLAIMS
                                + ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7"
                                + "AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4"
                                + "BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K"
                                + "0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqv"
                                + "hJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrB"
                                + "p0igcN_IoypGlUPQGe77Rw"),
                new Vector(
                        "RFC 7515, appendix A.3: ES256",
                        """
                        {"kty":"EC", "crv":"P-256",
                         "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                         "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}
                        """,
                        "eyJhbGciOiJFUzI1NiJ9."
                                + CLAIMS
                                + ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA"
                                + "pmWQxfKTUJqPP3-Kg6NU1Q"),
                new Vector(
                        "RFC 8037, appendix A.4: EdDSA",
                        """
                        {"kty":"OKP", "crv":"Ed25519",
                         "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
                        """,
                        "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLW"
                                + "G1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0K"
                                + "Ag"));
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void verifiesPublishedSignatures(Vector vector) throws Exception {
        var keys = KeySet.parse("{\"keys\":[" + vector.key() + "]}");
        var token = SignedJWT.parse(vector.token());

        assertThat(keys.verifies(token)).isTrue();

        var parts = token.getParsedParts();
        byte[] signature = parts[2].decode();
        signature[7] ^= 1;
        var forged =
                new SignedJWT(
                        parts[0], parts[1], com.nimbusds.jose.util.Base64URL.encode(signature));
        assertThat(keys.verifies(forged)).isFalse();
    }

    @DisplayName("RFC 7515, section 4.1.11: a critical extension that nobody understands")
    @ParameterizedTest
    @ValueSource(strings = {"ES256", "EdDSA"})
    void refusesCriticalExtensions(String algorithm) throws Exception {
        var mint = JwtMint.of(algorithm);
        var keys = KeySet.parse(new JWKSet(mint.key()).toString());

        assertThat(keys.verifies(SignedJWT.parse(mint.token()))).isTrue();
        assertThat(keys.verifies(SignedJWT.parse(mint.critical()))).isFalse();
    }

    @Test
    void leavesOutWhatIsNotForSignatures() throws Exception {
        var secret = new OctetSequenceKeyGenerator(256).keyID("secret").generate();
        var forEncryption =
                new ECKeyGenerator(Curve.P_256).keyUse(KeyUse.ENCRYPTION).keyID("e").generate();
        var weak = KeyPairGenerator.getInstance("RSA");
        weak.initialize(1024);
        var weakKey =
                new com.nimbusds.jose.jwk.RSAKey.Builder(
                                (java.security.interfaces.RSAPublicKey)
                                        weak.generateKeyPair().getPublic())
                        .keyID("weak")
                        .build();
        var good = new ECKeyGenerator(Curve.P_256).keyID("good").generate();

        assertThatThrownBy(() -> KeySet.parse(json(secret, forEncryption, weakKey)))
                .isInstanceOf(ParseException.class)
                .hasMessageStartingWith("it has no key for RSA");
        assertThat(KeySet.parse(json(secret, forEncryption, weakKey, good)).keys()).hasSize(1);
    }

    private static String json(JWK... keys) {
        return new JWKSet(List.of(keys)).toString(false);
    }

    @Test
    void findsAKeyByNameAndByAlgorithm() throws Exception {
        var ours = new ECKeyGenerator(Curve.P_256).keyID("one").generate();
        var keys = KeySet.parse(json(ours.toPublicJWK()));

        assertThat(keys.has(header("{\"alg\":\"ES256\",\"kid\":\"one\"}"))).isTrue();
        assertThat(keys.has(header("{\"alg\":\"ES256\"}"))).isTrue();
        assertThat(keys.has(header("{\"alg\":\"ES256\",\"kid\":\"two\"}"))).isFalse();
        assertThat(keys.has(header("{\"alg\":\"ES384\",\"kid\":\"one\"}"))).isFalse();
        assertThat(keys.has(header("{\"alg\":\"RS256\",\"kid\":\"one\"}"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA", "EC", "Ed25519"})
    void takesOnePublicKeyForEveryName(String kind) throws Exception {
        var generator = KeyPairGenerator.getInstance(kind);
        if (kind.equals("EC")) {
            generator.initialize(256);
        }

        var keys = KeySet.parseSpki(generator.generateKeyPair().getPublic().getEncoded());

        var algorithm = kind.equals("RSA") ? "PS256" : kind.equals("EC") ? "ES256" : "EdDSA";
        assertThat(keys.has(header("{\"alg\":\"" + algorithm + "\",\"kid\":\"any\"}"))).isTrue();
    }

    @Test
    void refusesOtherPublicKeys() throws Exception {
        var x25519 = KeyPairGenerator.getInstance("X25519").generateKeyPair().getPublic();

        assertThatThrownBy(() -> KeySet.parseSpki(x25519.getEncoded()))
                .isInstanceOf(ParseException.class);
        assertThatThrownBy(() -> KeySet.parseSpki(new byte[] {1, 2, 3}))
                .isInstanceOf(ParseException.class);
    }

    private static JWSHeader header(String json) throws ParseException {
        return JWSHeader.parse(json);
    }
}
