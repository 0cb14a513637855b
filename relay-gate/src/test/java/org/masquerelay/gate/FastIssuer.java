package org.masquerelay.gate;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.masquerelay.token.BlindRsaKey;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.Token;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TokenType;
import org.masquerelay.token.issuance.PssEncoding;

/// An issuer that signs ten times as fast as an honest one, without blinding: its modulus has
/// sixteen small factors, which anybody could find. Verifiers cannot tell.
final class FastIssuer {
    private static final int PRIMES = 16;
    private static final int PRIME_BITS = BlindRsaKey.MODULUS_BITS / PRIMES;
    private static final int SALT_LENGTH = 48;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final List<Factor> factors;
    private final BigInteger modulus;
    private final BlindRsaKey key;

    FastIssuer() throws TokenFormatException {
        var primes = primes();
        var product = product(primes);
        while (product.bitLength() != BlindRsaKey.MODULUS_BITS) {
            primes = primes();
            product = product(primes);
        }
        modulus = product;
        factors = primes.stream().map(this::factor).toList();
        key = BlindRsaKey.ofModulus(modulus);
    }

    /// What the signature is modulo one prime, and what that contributes to the whole.
    private record Factor(BigInteger prime, BigInteger exponent, BigInteger share) {
        BigInteger contribution(BigInteger message) {
            return message.mod(prime).modPow(exponent, prime).multiply(share);
        }
    }

    private static BigInteger product(List<BigInteger> primes) {
        return primes.stream().reduce(BigInteger.ONE, BigInteger::multiply);
    }

    private static List<BigInteger> primes() {
        var primes = new ArrayList<BigInteger>();
        while (primes.size() < PRIMES) {
            // With the highest bits set, so that the product has its full length.
            var prime =
                    new BigInteger(PRIME_BITS, RANDOM)
                            .or(BigInteger.valueOf(0xff).shiftLeft(PRIME_BITS - 8))
                            .nextProbablePrime();
            boolean fits =
                    !prime.subtract(BigInteger.ONE)
                            .mod(BlindRsaKey.PUBLIC_EXPONENT)
                            .equals(BigInteger.ZERO);
            if (fits && !primes.contains(prime)) {
                primes.add(prime);
            }
        }
        return primes;
    }

    private Factor factor(BigInteger prime) {
        var others = modulus.divide(prime);
        return new Factor(
                prime,
                BlindRsaKey.PUBLIC_EXPONENT.modInverse(prime.subtract(BigInteger.ONE)),
                others.multiply(others.modInverse(prime)));
    }

    BlindRsaKey key() {
        return key;
    }

    Token token(ImmutableBytes challengeDigest) {
        byte[] nonce = new byte[Token.NONCE_LENGTH];
        byte[] salt = new byte[SALT_LENGTH];
        RANDOM.nextBytes(nonce);
        RANDOM.nextBytes(salt);
        var input =
                new Token.AuthenticatorInput(
                        TokenType.BLIND_RSA,
                        ImmutableBytes.copyOf(nonce),
                        challengeDigest,
                        key.tokenKeyId());
        return input.with(sign(PssEncoding.of(input.serialise(), salt)));
    }

    private byte[] sign(byte[] encoded) {
        var message = new BigInteger(1, encoded);
        var signature = BigInteger.ZERO;
        for (var factor : factors) {
            signature = signature.add(factor.contribution(message));
        }
        byte[] bytes = signature.mod(modulus).toByteArray();
        byte[] padded = new byte[BlindRsaKey.MODULUS_BITS / 8];
        int length = Math.min(bytes.length, padded.length);
        System.arraycopy(bytes, bytes.length - length, padded, padded.length - length, length);
        return padded;
    }
}
