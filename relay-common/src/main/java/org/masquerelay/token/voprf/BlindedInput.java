package org.masquerelay.token.voprf;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.math.ec.ECPoint;
import org.masquerelay.token.voprf.VoprfException.Fault;

/// An input hidden from the key's holder, and what the client keeps to uncover the output.
///
/// Immutable; finishing it twice gives the same output.
public final class BlindedInput {
    public static final int ELEMENT_LENGTH = P384.ELEMENT_LENGTH;
    public static final int PROOF_LENGTH = Proof.LENGTH;

    private final byte[] input;
    private final BigInteger blind;
    private final ECPoint element;

    private BlindedInput(byte[] input, BigInteger blind, ECPoint element) {
        this.input = input;
        this.blind = blind;
        this.element = element;
    }

    /// Draws one scalar.
    public static BlindedInput of(byte[] input, SecureRandom random) throws VoprfException {
        var hidden = Voprf.element(input);
        var blind = P384.randomScalar(random);
        return new BlindedInput(input.clone(), blind, P384.multiplyOnce(hidden, blind));
    }

    /// What to send: 49 bytes.
    public byte[] element() {
        return P384.write(element);
    }

    /// The output of 48 bytes, if the proof shows that this key made the element.
    public byte[] finish(VoprfPublicKey key, byte[] evaluatedElement, byte[] proof)
            throws VoprfException {
        return finishAll(List.of(this), key, List.of(evaluatedElement), proof).getFirst();
    }

    /// The outputs of inputs that were answered together.
    static List<byte[]> finishAll(
            List<BlindedInput> inputs, VoprfPublicKey key, List<byte[]> elements, byte[] proof)
            throws VoprfException {
        if (inputs.size() != elements.size()) {
            throw new VoprfException(Fault.PROOF);
        }
        var evaluated = new ArrayList<ECPoint>();
        for (byte[] element : elements) {
            evaluated.add(P384.readElement(element));
        }
        var blinded = inputs.stream().map(input -> input.element).toList();
        Proof.parse(proof).verify(new Proof.Statement(key.element(), blinded, evaluated));
        var outputs = new ArrayList<byte[]>();
        for (int i = 0; i < inputs.size(); i++) {
            outputs.add(inputs.get(i).uncover(evaluated.get(i)));
        }
        return outputs;
    }

    private byte[] uncover(ECPoint evaluated) {
        return Voprf.output(input, P384.multiplyOnce(evaluated, P384.inverse(blind)));
    }
}
