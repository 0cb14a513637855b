package org.masquerelay.signature;

/// What is wrong with a message signature.
public enum SignatureFault {
    /// Signature-Input or Signature is no dictionary of the kind it has to be, names something
    /// twice, or has a label that the other lacks.
    MALFORMED,
    /// More labels, components or characters than are looked at.
    TOO_LARGE,
    /// Several signatures have the tag of this relay.
    AMBIGUOUS,
    /// A component that cannot be derived from this message, or with a parameter that is not
    /// understood.
    UNKNOWN_COMPONENT,
    /// The signature leaves open something that it has to cover.
    NOT_COVERED,
    /// `created`, `expires`, `nonce` or `keyid` did not come.
    MISSING_PARAMETER,
    CREATED_IN_THE_FUTURE,
    TOO_OLD,
    EXPIRED,
    UNKNOWN_KEY,
    /// `alg` is not the algorithm of the key.
    WRONG_ALGORITHM,
    WRONG_SIGNATURE,
    /// The nonce was used before with this key.
    REPLAYED,
    /// No memory is left to notice the nonce if it came again.
    NONCES_FULL
}
