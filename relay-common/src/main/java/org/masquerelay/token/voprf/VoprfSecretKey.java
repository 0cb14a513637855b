package org.masquerelay.token.voprf;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.math.ec.ECPoint;
import org.masquerelay.token.voprf.Voprf.Transcript;
import org.masquerelay.token.voprf.VoprfException.Fault;

/// The key of the function.
///
/// Immutable; any thread. Multiplications by it are masked and look nothing up by its bits.
public final class VoprfSecretKey {
    public static final int LENGTH = P384.SCALAR_LENGTH;

    private static final int MAX_ATTEMPTS = 256;

    private final BigInteger secret;
    private final VoprfPublicKey publicKey;

    private VoprfSecretKey(BigInteger secret) {
        this.secret = secret;
        this.publicKey = new VoprfPublicKey(P384.multiplySecretly(P384.GENERATOR, secret));
    }

    public static VoprfSecretKey generate(SecureRandom random) {
        return new VoprfSecretKey(P384.randomScalar(random));
    }

    /// The same key for the same seed and info (RFC 9497, section 3.2.1).
    public static VoprfSecretKey derive(byte[] seed, byte[] info) {
        for (int counter = 0; counter < MAX_ATTEMPTS; counter++) {
            var transcript = new Transcript().raw(seed).field(info).raw((byte) counter);
            var secret = Voprf.key(transcript);
            if (secret.signum() != 0) {
                return new VoprfSecretKey(secret);
            }
        }
        throw new IllegalStateException("every attempt gives a zero");
    }

    public static VoprfSecretKey parse(byte[] wire) throws VoprfException {
        var secret = P384.readScalar(wire);
        if (secret.signum() == 0) {
            throw new VoprfException(Fault.SCALAR);
        }
        return new VoprfSecretKey(secret);
    }

    public byte[] toBytes() {
        return P384.write(secret);
    }

    public VoprfPublicKey publicKey() {
        return publicKey;
    }

    /// Answers blinded elements, all with one proof. Draws one scalar.
    public Evaluation blindEvaluate(List<byte[]> blindedElements, SecureRandom random)
            throws VoprfException {
        var blinded = new ArrayList<ECPoint>();
        var evaluated = new ArrayList<ECPoint>();
        for (byte[] wire : blindedElements) {
            var element = P384.readElement(wire);
            blinded.add(element);
            evaluated.add(P384.multiplySecretly(element, secret));
        }
        var statement = new Proof.Statement(publicKey.element(), blinded, evaluated);
        var proof = Proof.make(statement, secret, random);
        return new Evaluation(evaluated.stream().map(P384::write).toList(), proof.serialise());
    }

    /// The output of the function for an input that the key's holder knows.
    public byte[] evaluate(byte[] input) throws VoprfException {
        return Voprf.output(input, P384.multiplySecretly(Voprf.element(input), secret));
    }

    /// What a client needs to finish: an element for each of its own, and a proof of 96 bytes.
    public static final class Evaluation {
        private final List<byte[]> elements;
        private final byte[] proof;

        Evaluation(List<byte[]> elements, byte[] proof) {
            this.elements = elements;
            this.proof = proof;
        }

        public List<byte[]> elements() {
            return elements.stream().map(byte[]::clone).toList();
        }

        public byte[] proof() {
            return proof.clone();
        }
    }
}
