package org.masquerelay.boot.qlog;

import java.util.concurrent.atomic.AtomicInteger;
import org.masquerelay.observe.ConnectionTrace;
import org.masquerelay.observe.TunnelListener.QuicRole;
import org.masquerelay.tunnel.TunnelKind;

/// The events of one connection. Confined to its event loop, but for what the writer calls.
final class QlogTrace implements ConnectionTrace {
    private final Qlog qlog;
    private final QuicRole role;
    private final long startMillis;
    private final Clock clock;
    private final long startNanos;
    private final AtomicInteger queued = new AtomicInteger();
    private int tunnels;
    private long leftOut;
    private boolean begun;
    private volatile boolean full;

    /// A clock that only goes forward.
    interface Clock {
        long nanoTime();
    }

    QlogTrace(Qlog qlog, QuicRole role, long startMillis, Clock clock) {
        this.qlog = qlog;
        this.role = role;
        this.startMillis = startMillis;
        this.clock = clock;
        this.startNanos = clock.nanoTime();
        add("connectivity:connection_started", "\"protocol\":\"QUIC\"");
    }

    QuicRole role() {
        return role;
    }

    long startMillis() {
        return startMillis;
    }

    /// Whether this was called before: a file is begun once.
    boolean begun() {
        boolean before = begun;
        begun = true;
        return before;
    }

    /// Its file takes no more: events need not be queued, only counted.
    void full() {
        full = true;
    }

    /// Events that were not queued since; the writer asks once the last one has come.
    long leftOut() {
        return leftOut;
    }

    /// Of its events, how many wait for the writer.
    AtomicInteger queued() {
        return queued;
    }

    private void add(String name, String data) {
        if (full) {
            leftOut++;
        } else {
            qlog.add(this, event(name, data));
        }
    }

    private QlogEvent event(String name, String data) {
        return new QlogEvent(clock.nanoTime() - startNanos, name, data);
    }

    @Override
    public void established() {
        add(
                "connectivity:connection_state_updated",
                "\"old\":\"handshake_started\",\"new\":\"handshake_complete\"");
    }

    @Override
    public void migrated(boolean fresh) {
        add("masque:peer_migrated", "\"fresh_connection_id\":" + fresh);
    }

    @Override
    public TunnelTrace tunnel(TunnelKind kind) {
        return new Tunnel(tunnels++, kind);
    }

    @Override
    public void closed(End end) {
        var data = new StringBuilder("\"owner\":\"");
        data.append(end.cause() == Cause.PEER ? "remote" : "local").append('"');
        if (end.code() >= 0) {
            data.append(end.application() ? ",\"application_code\":" : ",\"connection_code\":");
            data.append(end.code());
        }
        if (end.cause() == Cause.IDLE) {
            data.append(",\"trigger\":\"idle_timeout\"");
        }
        qlog.end(this, event("connectivity:connection_closed", data.toString()));
    }

    /// One tunnel, known by its number.
    private final class Tunnel implements TunnelTrace {
        private final int number;
        private final TunnelKind kind;
        private boolean open;

        Tunnel(int number, TunnelKind kind) {
            this.number = number;
            this.kind = kind;
        }

        @Override
        public void opened() {
            open = true;
            tell("masque:tunnel_open", ",\"protocol\":\"" + kind.tag() + "\"");
        }

        @Override
        public void closed() {
            if (open) {
                open = false;
                tell("masque:tunnel_closed", "");
            }
        }

        @Override
        public void capsule(long type, long length) {
            tell("masque:capsule_received", ",\"capsule_type\":" + type + ",\"length\":" + length);
        }

        private void tell(String name, String more) {
            add(name, "\"tunnel\":" + number + more);
        }
    }
}
