package org.masquerelay.token.voprf;

/// A peer's bytes are not what the function's other side would have sent.
///
/// It has no stack trace: a peer can cause as many of these as it likes. Its text never quotes the
/// input.
public final class VoprfException extends Exception {
    private final Fault fault;

    VoprfException(Fault fault) {
        super(fault.text, null, false, false);
        this.fault = fault;
    }

    public Fault fault() {
        return fault;
    }

    /// The errors of RFC 9497, section 5.3.
    public enum Fault {
        ELEMENT("the element is not a compressed point of P-384 other than infinity"),
        SCALAR("the scalar is not below the order of P-384, or is zero where a key is meant"),
        INPUT("the input cannot be blinded"),
        PROOF("the proof is not one of the key's holder");

        private final String text;

        Fault(String text) {
            this.text = text;
        }
    }
}
