package org.masquerelay.capsule;

/// How many bytes of unfinished capsules all streams of one connection may hold. Confined to the
/// event loop of the connection.
public final class CapsuleBudget {
    private final int limit;
    private int held;

    /// @param limit in bytes
    public CapsuleBudget(int limit) {
        this.limit = limit;
    }

    boolean take(int bytes) {
        if (bytes > limit - held) {
            return false;
        }
        held += bytes;
        return true;
    }

    void give(int bytes) {
        held -= bytes;
    }
}
