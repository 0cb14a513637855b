package org.masquerelay.token.voprf;

import java.math.BigInteger;
import java.util.Arrays;
import org.bouncycastle.math.ec.ECFieldElement;
import org.bouncycastle.math.ec.ECPoint;

/// P384_XMD:SHA-384_SSWU_RO_: a point whose logarithm nobody knows ([RFC 9380, section
/// 8.3](https://datatracker.ietf.org/doc/html/rfc9380#section-8.3)); and scalars, hashed to in the
/// same way (RFC 9497, section 4.4).
final class HashToCurve {
    /// L of RFC 9380, section 5.1: so many bytes that the modulus leaves no bias.
    private static final int FIELD_BYTES = 72;

    private static final BigInteger PRIME = P384.CURVE.getField().getCharacteristic();
    private static final ECFieldElement A = P384.CURVE.getA();
    private static final ECFieldElement B = P384.CURVE.getB();
    private static final ECFieldElement ONE = P384.CURVE.fromBigInteger(BigInteger.ONE);

    /// RFC 9380, section 8.3.
    private static final ECFieldElement Z =
            P384.CURVE.fromBigInteger(BigInteger.valueOf(-12).mod(PRIME));

    /// The two constants of RFC 9380, section 6.6.2.
    private static final ECFieldElement MINUS_B_OVER_A = B.negate().divide(A);

    private static final ECFieldElement B_OVER_Z_A = B.divide(Z.multiply(A));

    private HashToCurve() {}

    /// May be infinity, though nobody knows a message that makes it so.
    static ECPoint element(byte[] message, byte[] tag) {
        byte[] uniform = ExpandMessage.expand(message, tag, 2 * FIELD_BYTES);
        var first = map(fieldElement(uniform, 0));
        var second = map(fieldElement(uniform, FIELD_BYTES));
        return first.add(second).normalize();
    }

    static BigInteger scalar(byte[] message, byte[] tag) {
        return new BigInteger(1, ExpandMessage.expand(message, tag, FIELD_BYTES)).mod(P384.ORDER);
    }

    private static ECFieldElement fieldElement(byte[] uniform, int from) {
        byte[] bytes = Arrays.copyOfRange(uniform, from, from + FIELD_BYTES);
        return P384.CURVE.fromBigInteger(new BigInteger(1, bytes).mod(PRIME));
    }

    /// The simplified Shallue-van de Woestijne-Ulas map (RFC 9380, section 6.6.2).
    ///
    /// Which of the two candidates is taken shows in the time. It tells nothing: the message is
    /// what a token shows to whoever checks it, and hidden from the issuer by a factor that is used
    /// elsewhere.
    static ECPoint map(ECFieldElement u) {
        var zu2 = Z.multiply(u.square());
        var denominator = zu2.square().add(zu2);
        var x1 =
                denominator.isZero()
                        ? B_OVER_Z_A
                        : MINUS_B_OVER_A.multiply(denominator.invert().add(ONE));
        var y1 = rightSide(x1).sqrt();
        if (y1 != null) {
            return point(x1, y1, u);
        }
        var x2 = zu2.multiply(x1);
        var y2 = rightSide(x2).sqrt();
        if (y2 == null) {
            throw new IllegalStateException("neither candidate is on the curve");
        }
        return point(x2, y2, u);
    }

    private static ECFieldElement rightSide(ECFieldElement x) {
        return x.square().add(A).multiply(x).add(B);
    }

    private static ECPoint point(ECFieldElement x, ECFieldElement root, ECFieldElement u) {
        // RFC 9380, section 4.1: the sign of a field element of prime order is its parity.
        var y = u.testBitZero() == root.testBitZero() ? root : root.negate();
        return P384.CURVE.createPoint(x.toBigInteger(), y.toBigInteger());
    }
}
