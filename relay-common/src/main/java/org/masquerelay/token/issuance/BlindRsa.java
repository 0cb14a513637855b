package org.masquerelay.token.issuance;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import org.masquerelay.token.RsaPss;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TokenFormatException.Fault;

/// RSABSSA-SHA384-PSS: a signature on a message that the signer does not see ([RFC 9474, section
/// 4](https://datatracker.ietf.org/doc/html/rfc9474#section-4)).
///
/// The messages given here are prepared ones. Tokens use the deterministic variant, whose
/// preparation is the identity.
final class BlindRsa {
    private BlindRsa() {}

    /// A message hidden for the signer, and what the client keeps to uncover the signature.
    static final class Blinded {
        private final byte[] message;
        private final BigInteger inverse;

        private Blinded(byte[] message, BigInteger inverse) {
            this.message = message;
            this.inverse = inverse;
        }

        byte[] message() {
            return message.clone();
        }

        BigInteger inverse() {
            return inverse;
        }
    }

    /// The client's first step. Draws the salt, then the blinding factor.
    static Blinded blind(RSAPublicKey key, byte[] message, SecureRandom random) {
        byte[] salt = new byte[RsaPss.SALT_LENGTH];
        random.nextBytes(salt);
        var modulus = key.getModulus();
        var encoded = new BigInteger(1, EmsaPss.encode(message, salt, modulus.bitLength() - 1));
        // RFC 9474, section 4.2: a message that shares a factor with the modulus would give the
        // factor away.
        if (!encoded.gcd(modulus).equals(BigInteger.ONE)) {
            throw new IllegalStateException("the encoded message is not coprime to the modulus");
        }
        var factor = below(modulus, random);
        var hidden = encoded.multiply(factor.modPow(key.getPublicExponent(), modulus)).mod(modulus);
        return new Blinded(toBytes(hidden, lengthOf(key)), factor.modInverse(modulus));
    }

    /// The signer's step: the bare private-key operation, by CRT and itself blinded, as the JDK
    /// does it.
    static byte[] blindSign(RSAPrivateCrtKey key, byte[] blindedMessage)
            throws TokenFormatException {
        var modulus = key.getModulus();
        var message = new BigInteger(1, blindedMessage);
        if (blindedMessage.length != (modulus.bitLength() + 7) / 8) {
            throw new TokenFormatException(Fault.WRONG_LENGTH);
        }
        if (message.compareTo(modulus) >= 0) {
            throw new TokenFormatException(Fault.BLINDED_MESSAGE);
        }
        byte[] signature = privateOperation(key, blindedMessage);
        // RFC 9474, section 4.3: a wrong result of a faulty CRT would give a factor of the modulus
        // away.
        var opened = new BigInteger(1, signature).modPow(key.getPublicExponent(), modulus);
        if (!opened.equals(message)) {
            throw new IllegalStateException("the private-key operation gave a wrong result");
        }
        return signature;
    }

    /// The client's last step: uncovers the signature and checks it.
    static byte[] unblind(
            RSAPublicKey key, byte[] message, byte[] blindSignature, BigInteger inverse)
            throws TokenFormatException {
        if (blindSignature.length != lengthOf(key)) {
            throw new TokenFormatException(Fault.WRONG_LENGTH);
        }
        var hidden = new BigInteger(1, blindSignature);
        byte[] signature = toBytes(hidden.multiply(inverse).mod(key.getModulus()), lengthOf(key));
        if (!RsaPss.verify(key, message, signature)) {
            throw new TokenFormatException(Fault.SIGNATURE);
        }
        return signature;
    }

    /// Uniform from 1 to the modulus less one.
    private static BigInteger below(BigInteger modulus, SecureRandom random) {
        while (true) {
            var candidate = new BigInteger(modulus.bitLength(), random);
            if (candidate.signum() > 0 && candidate.compareTo(modulus) < 0) {
                return candidate;
            }
        }
    }

    /// The cipher is in its signing mode, in which the JDK blinds the base and checks its result as
    /// well.
    @SuppressWarnings("InsecureCryptoUsage") // RFC 9474 is built on the unpadded operation.
    private static byte[] privateOperation(RSAPrivateCrtKey key, byte[] message) {
        try {
            var rsa = Cipher.getInstance("RSA/ECB/NoPadding");
            rsa.init(Cipher.ENCRYPT_MODE, key);
            return rsa.doFinal(message);
        } catch (BadPaddingException e) {
            throw new IllegalStateException("the private-key operation gave a wrong result", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("RSA does not work here", e);
        }
    }

    private static int lengthOf(RSAPublicKey key) {
        return (key.getModulus().bitLength() + 7) / 8;
    }

    /// Big-endian, with leading zeros up to the length.
    private static byte[] toBytes(BigInteger number, int length) {
        byte[] bytes = number.toByteArray();
        int excess = bytes.length - length;
        if (excess >= 0) {
            return Arrays.copyOfRange(bytes, excess, bytes.length);
        }
        byte[] padded = new byte[length];
        System.arraycopy(bytes, 0, padded, -excess, bytes.length);
        return padded;
    }
}
