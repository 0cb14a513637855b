package org.masquerelay.boot.config;

/// What the settings that are left out stand for.
public enum Profile {
    /// What the RFCs ask for.
    STANDARD,
    /// Stricter than they ask for, where that costs interoperability.
    HARDENED
}
