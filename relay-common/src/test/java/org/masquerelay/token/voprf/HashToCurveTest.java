package org.masquerelay.token.voprf;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.math.ec.ECPoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.masquerelay.token.Vectors;

class HashToCurveTest {
    private static final byte[] TAG =
            "QUUX-V01-CS02-with-P384_XMD:SHA-384_SSWU_RO_".getBytes(US_ASCII);

    // RFC 9380, appendix J.3.1.
    static List<Vectors> elementsOfRfc9380() {
        return Vectors.read("rfc9380-p384-ro.json");
    }

    @ParameterizedTest
    @MethodSource("elementsOfRfc9380")
    void hashesToEveryElementOfRfc9380(Vectors vector) {
        byte[] message = vector.text("msg").getBytes(US_ASCII);

        assertThat(uncompressed(HashToCurve.element(message, TAG)))
                .isEqualTo(vector.text("P.x") + vector.text("P.y"));
    }

    @ParameterizedTest
    @MethodSource("elementsOfRfc9380")
    void mapsToEveryIntermediateElementOfRfc9380(Vectors vector) {
        for (int i = 0; i < 2; i++) {
            var u = P384.CURVE.fromBigInteger(new BigInteger(vector.text("u" + i), 16));

            assertThat(uncompressed(HashToCurve.map(u)))
                    .isEqualTo(vector.text("Q" + i + ".x") + vector.text("Q" + i + ".y"));
        }
    }

    @Test
    void mapsZeroToAnElementToo() {
        // It makes the denominator of the map zero, and is never hashed to by chance.
        var zero = P384.CURVE.fromBigInteger(BigInteger.ZERO);

        assertThat(HashToCurve.map(zero).isValid()).isTrue();
    }

    private static String uncompressed(ECPoint point) {
        return HexFormat.of().formatHex(point.getEncoded(false)).substring(2);
    }
}
