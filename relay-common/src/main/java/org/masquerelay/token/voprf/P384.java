package org.masquerelay.token.voprf;

import java.math.BigInteger;
import java.security.SecureRandom;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.math.ec.ECAlgorithms;
import org.bouncycastle.math.ec.ECCurve;
import org.bouncycastle.math.ec.ECPoint;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;
import org.bouncycastle.util.BigIntegers;
import org.masquerelay.token.voprf.VoprfException.Fault;

/// The group P-384 with its scalars, and how both are written ([RFC 9497, section
/// 4.4](https://datatracker.ietf.org/doc/html/rfc9497#section-4.4)).
///
/// Points given and taken are normalised. Any thread.
final class P384 {
    /// SEC 1 compressed.
    static final int ELEMENT_LENGTH = 49;

    static final int SCALAR_LENGTH = 48;

    static final ECCurve CURVE;
    static final ECPoint GENERATOR;
    static final BigInteger ORDER;

    static {
        var parameters = CustomNamedCurves.getByName("secp384r1");
        CURVE = parameters.getCurve();
        GENERATOR = parameters.getG().normalize();
        ORDER = parameters.getN();
    }

    /// For masks, which change no result.
    private static final SecureRandom MASKS = new SecureRandom();

    private P384() {}

    /// Refuses infinity, uncompressed points, coordinates not below the prime, and points that are
    /// not on the curve; the cofactor is 1.
    static ECPoint readElement(byte[] wire) throws VoprfException {
        if (wire.length != ELEMENT_LENGTH || (wire[0] != 2 && wire[0] != 3)) {
            throw new VoprfException(Fault.ELEMENT);
        }
        try {
            return CURVE.decodePoint(wire);
        } catch (IllegalArgumentException e) {
            throw new VoprfException(Fault.ELEMENT);
        }
    }

    static byte[] write(ECPoint element) {
        return element.getEncoded(true);
    }

    static BigInteger readScalar(byte[] wire) throws VoprfException {
        var scalar = new BigInteger(1, wire);
        if (wire.length != SCALAR_LENGTH || scalar.compareTo(ORDER) >= 0) {
            throw new VoprfException(Fault.SCALAR);
        }
        return scalar;
    }

    static byte[] write(BigInteger scalar) {
        return BigIntegers.asUnsignedByteArray(SCALAR_LENGTH, scalar);
    }

    /// Uniform from 1 to the order less one, by rejection (RFC 9497, section 4.7.1).
    static BigInteger randomScalar(SecureRandom random) {
        byte[] candidate = new byte[SCALAR_LENGTH];
        while (true) {
            random.nextBytes(candidate);
            var scalar = new BigInteger(1, candidate);
            if (scalar.signum() > 0 && scalar.compareTo(ORDER) < 0) {
                return scalar;
            }
        }
    }

    static BigInteger inverse(BigInteger scalar) {
        return BigIntegers.modOddInverse(ORDER, scalar);
    }

    /// For scalars that are drawn for one multiplication and that nobody may learn.
    ///
    /// The comb does the same steps for every scalar and looks its table up in constant time. The
    /// table stays with the element: further multiplications of the same one cost a fourth.
    static ECPoint multiplyOnce(ECPoint element, BigInteger scalar) {
        return new FixedPointCombMultiplier().multiply(element, scalar).normalize();
    }

    /// For scalars that are used again and again.
    ///
    /// What the comb's field arithmetic may still tell is about two halves of the scalar that are
    /// drawn anew each time.
    static ECPoint multiplySecretly(ECPoint element, BigInteger scalar) {
        var comb = new FixedPointCombMultiplier();
        var mask = randomScalar(MASKS);
        var masked = scalar.subtract(mask).mod(ORDER);
        return comb.multiply(element, masked).add(comb.multiply(element, mask)).normalize();
    }

    /// `a * scalarOfA + b * scalarOfB`, for scalars that everybody knows.
    static ECPoint sum(ECPoint a, BigInteger scalarOfA, ECPoint b, BigInteger scalarOfB) {
        return ECAlgorithms.sumOfTwoMultiplies(a, scalarOfA, b, scalarOfB).normalize();
    }

    /// A secret times a public scalar, without telling by the time of its division what the secret
    /// is.
    static BigInteger multiplySecretly(BigInteger secret, BigInteger scalar) {
        var mask = new BigInteger(Long.SIZE, MASKS);
        return secret.add(mask.multiply(ORDER)).multiply(scalar).mod(ORDER);
    }
}
