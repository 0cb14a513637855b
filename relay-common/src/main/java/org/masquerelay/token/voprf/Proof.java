package org.masquerelay.token.voprf;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.math.ec.ECPoint;
import org.masquerelay.token.voprf.Voprf.Transcript;
import org.masquerelay.token.voprf.VoprfException.Fault;

/// Proof that elements were multiplied by the scalar of a public key ([RFC 9497, section
/// 2.2](https://datatracker.ietf.org/doc/html/rfc9497#section-2.2)).
record Proof(BigInteger challenge, BigInteger response) {
    static final int LENGTH = 2 * P384.SCALAR_LENGTH;

    /// Element `i` of `evaluated` is that of `blinded` times the secret.
    record Statement(ECPoint publicKey, List<ECPoint> blinded, List<ECPoint> evaluated) {
        /// Scalars that nobody could choose, by which all pairs become one.
        List<BigInteger> weights() {
            byte[] seed =
                    new Transcript().field(P384.write(publicKey)).field(Voprf.SEED_TAG).hash();
            var weights = new ArrayList<BigInteger>();
            for (int i = 0; i < blinded.size(); i++) {
                weights.add(
                        Voprf.scalar(
                                new Transcript()
                                        .field(seed)
                                        .number(i)
                                        .field(P384.write(blinded.get(i)))
                                        .field(P384.write(evaluated.get(i)))
                                        .label("Composite")));
            }
            return weights;
        }

        private BigInteger challenge(Composite composite, ECPoint t2, ECPoint t3) {
            return Voprf.scalar(
                    new Transcript()
                            .field(P384.write(publicKey))
                            .field(P384.write(composite.m))
                            .field(P384.write(composite.z))
                            .field(P384.write(t2))
                            .field(P384.write(t3))
                            .label("Challenge"));
        }
    }

    /// The pairs in one.
    record Composite(ECPoint m, ECPoint z) {}

    /// Every element here is a sum of multiples of the blinded ones, whose tables are there
    /// already, though the RFC computes some of them from each other.
    static Proof make(Statement statement, BigInteger secret, SecureRandom random) {
        var blinded = statement.blinded;
        var weights = statement.weights();
        var nonce = P384.randomScalar(random);
        var m = P384.CURVE.getInfinity();
        var z = P384.CURVE.getInfinity();
        var t3 = P384.CURVE.getInfinity();
        for (int i = 0; i < blinded.size(); i++) {
            var weight = weights.get(i);
            var element = blinded.get(i);
            m = P384.multiplyOnce(element, weight).add(m);
            z = P384.multiplySecretly(element, P384.multiplySecretly(secret, weight)).add(z);
            t3 = P384.multiplyOnce(element, P384.multiplySecretly(nonce, weight)).add(t3);
        }
        var composite = new Composite(m.normalize(), z.normalize());
        var t2 = P384.multiplyOnce(P384.GENERATOR, nonce);
        var challenge = statement.challenge(composite, t2, t3.normalize());
        var response = nonce.subtract(P384.multiplySecretly(secret, challenge)).mod(P384.ORDER);
        return new Proof(challenge, response);
    }

    void verify(Statement statement) throws VoprfException {
        var weights = statement.weights();
        var m = P384.CURVE.getInfinity();
        var z = P384.CURVE.getInfinity();
        for (int i = 0; i < weights.size(); i++) {
            m = statement.blinded.get(i).multiply(weights.get(i)).add(m);
            z = statement.evaluated.get(i).multiply(weights.get(i)).add(z);
        }
        var composite = new Composite(m.normalize(), z.normalize());
        var t2 = P384.sum(P384.GENERATOR, response, statement.publicKey, challenge);
        var t3 = P384.sum(composite.m, response, composite.z, challenge);
        if (!statement.challenge(composite, t2, t3).equals(challenge)) {
            throw new VoprfException(Fault.PROOF);
        }
    }

    static Proof parse(byte[] wire) throws VoprfException {
        if (wire.length != LENGTH) {
            throw new VoprfException(Fault.PROOF);
        }
        return new Proof(
                P384.readScalar(Arrays.copyOf(wire, P384.SCALAR_LENGTH)),
                P384.readScalar(Arrays.copyOfRange(wire, P384.SCALAR_LENGTH, LENGTH)));
    }

    byte[] serialise() {
        return new Transcript().raw(P384.write(challenge)).raw(P384.write(response)).bytes();
    }
}
