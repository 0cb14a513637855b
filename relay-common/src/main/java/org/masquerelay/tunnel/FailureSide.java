package org.masquerelay.tunnel;

/// Who is behind a refusal: decides what is counted, how loudly it is logged, and whether a token
/// is given back.
public enum FailureSide {
    CLIENT,
    UPSTREAM,
    TARGET,
    SELF
}
