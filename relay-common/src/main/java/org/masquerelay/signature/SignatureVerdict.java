package org.masquerelay.signature;

/// What the signatures of a request amount to.
public sealed interface SignatureVerdict {

    /// The request has no signature with the tag of this relay.
    record Absent() implements SignatureVerdict {}

    record Refused(SignatureFault fault) implements SignatureVerdict {}

    /// The request was signed with this key, in time and for the first time.
    record Verified(VerificationKey key) implements SignatureVerdict {}
}
