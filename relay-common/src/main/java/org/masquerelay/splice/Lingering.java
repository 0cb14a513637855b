package org.masquerelay.splice;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/// The tunnels of a relay that linger: the connection of their client is lost, and what the client
/// has sent still goes out.
///
/// Used by every event loop, and by the thread that stops the relay; what is shared is a concurrent
/// set and a semaphore.
public final class Lingering {
    /// Nobody holds a connection for them any more, so no limit on connections bounds them, nor
    /// what they hold, which is a window of a stream each.
    static final int MAX = 256;

    private final Semaphore places = new Semaphore(MAX);
    private final Set<Splice> splices = ConcurrentHashMap.newKeySet();
    private volatile boolean over;

    /// On the event loop of `splice`, which may linger if this is true.
    boolean enter(Splice splice) {
        if (!places.tryAcquire()) {
            return false;
        }
        splices.add(splice);
        // Asked afterwards: either this sees the end, or the end sees the splice.
        if (over) {
            leave(splice);
            return false;
        }
        return true;
    }

    void leave(Splice splice) {
        splices.remove(splice);
        places.release();
    }

    /// Resets the targets of those that linger, on their event loops; from now on none does.
    void end() {
        over = true;
        splices.forEach(Splice::endLingering);
    }
}
