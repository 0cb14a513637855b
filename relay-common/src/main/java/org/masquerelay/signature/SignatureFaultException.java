package org.masquerelay.signature;

/// A signature or a component that breaks RFC 9421 or what this relay asks for on top. It has no
/// stack trace, because a peer decides how often it is thrown, and says nothing of the message.
public final class SignatureFaultException extends Exception {
    private static final long serialVersionUID = 1L;

    private final SignatureFault fault;

    public SignatureFaultException(SignatureFault fault) {
        super(fault.name(), null, false, false);
        this.fault = fault;
    }

    public SignatureFault fault() {
        return fault;
    }
}
