package org.masquerelay.ingress.upstream;

import java.util.function.Consumer;
import org.masquerelay.gate.Admission;
import org.masquerelay.http.TunnelAnswer;
import org.masquerelay.tunnel.HeaderFields;

/// The right to open one tunnel on a pooled connection. Confined to the event loop of its pool.
public final class Lease {
    private final Upstream upstream;
    private final Admission admission;
    private final boolean reused;
    private Runnable place = () -> {};
    private boolean released;

    Lease(Upstream upstream, Admission admission, boolean reused) {
        this.upstream = upstream;
        this.admission = admission;
        this.reused = reused;
    }

    /// Has `place` run when it is released.
    void holding(Runnable place) {
        this.place = place;
    }

    /// Asks the egress for the tunnel, with `fields` in the request. What is returned gives the
    /// request up, if it has no answer yet.
    public Runnable open(HeaderFields fields, TunnelAnswer answer) {
        var request = admission.request();
        return upstream.connection().open(request.kind(), request.scope(), fields, answer);
    }

    /// Whether the connection had carried tunnels before: only then is it worth trying another one
    /// when it dies.
    boolean isReused() {
        return reused;
    }

    /// Says once whether the egress gives a sign of life within `withinMillis`.
    public void listen(long withinMillis, Consumer<Boolean> alive) {
        upstream.connection().listen(withinMillis, alive);
    }

    /// The connection is lost, whatever it has said so far: no further tunnel is asked for there.
    void lost() {
        upstream.lost();
    }

    /// The tunnel is over, or never came about.
    public void release() {
        if (!released) {
            released = true;
            upstream.release();
            place.run();
        }
    }
}
