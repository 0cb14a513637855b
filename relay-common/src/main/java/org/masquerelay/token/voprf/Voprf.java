package org.masquerelay.token.voprf;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import org.bouncycastle.math.ec.ECPoint;
import org.masquerelay.token.voprf.VoprfException.Fault;

/// What both sides of the function hash, and under which names ([RFC 9497, section
/// 3](https://datatracker.ietf.org/doc/html/rfc9497#section-3)).
final class Voprf {
    private static final int MAX_INPUT_LENGTH = 0xffff;

    /// "OPRFV1-", the mode of the verifiable function, "-", and the suite.
    private static final String CONTEXT = "OPRFV1-\u0001-P384-SHA384";

    static final byte[] SEED_TAG = tag("Seed-");
    private static final byte[] GROUP_TAG = tag("HashToGroup-");
    private static final byte[] SCALAR_TAG = tag("HashToScalar-");
    private static final byte[] KEY_TAG = tag("DeriveKeyPair");

    private Voprf() {}

    static ECPoint element(byte[] input) throws VoprfException {
        if (input.length > MAX_INPUT_LENGTH) {
            throw new VoprfException(Fault.INPUT);
        }
        var element = HashToCurve.element(input, GROUP_TAG);
        if (element.isInfinity()) {
            throw new VoprfException(Fault.INPUT);
        }
        return element;
    }

    static BigInteger scalar(Transcript transcript) {
        return HashToCurve.scalar(transcript.bytes(), SCALAR_TAG);
    }

    static BigInteger key(Transcript transcript) {
        return HashToCurve.scalar(transcript.bytes(), KEY_TAG);
    }

    /// The output of the function, from the element of its input under the key.
    static byte[] output(byte[] input, ECPoint evaluated) {
        return new Transcript().field(input).field(P384.write(evaluated)).label("Finalize").hash();
    }

    private static byte[] tag(String name) {
        return (name + CONTEXT).getBytes(US_ASCII);
    }

    /// What is hashed, field by field.
    static final class Transcript {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Transcript raw(byte... value) {
            bytes.writeBytes(value);
            return this;
        }

        Transcript number(int value) {
            return raw((byte) (value >> 8), (byte) value);
        }

        /// Length in two bytes, then the bytes.
        Transcript field(byte[] value) {
            return number(value.length).raw(value);
        }

        Transcript label(String label) {
            return raw(label.getBytes(US_ASCII));
        }

        byte[] bytes() {
            return bytes.toByteArray();
        }

        byte[] hash() {
            return ExpandMessage.sha384().digest(bytes());
        }
    }
}
