package org.masquerelay.observe;

/// Hears of what goes no further on the way through a tunnel, or one connection of tunnels.
///
/// Called on the event loop of the tunnel for each of these, so it does no more than count.
public interface Losses {
    /// Hears nothing.
    Losses IGNORED = new Ignored();

    void dropped(DropReason reason);

    void unknownCapsule(long type);

    /// A stream was reset because of a capsule of this type.
    void rejectedCapsule(long type);

    /// Nobody listens.
    final class Ignored implements Losses {
        private Ignored() {}

        @Override
        public void dropped(DropReason reason) {}

        @Override
        public void unknownCapsule(long type) {}

        @Override
        public void rejectedCapsule(long type) {}
    }
}
