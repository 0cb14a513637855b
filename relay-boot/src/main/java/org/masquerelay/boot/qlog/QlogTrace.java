package org.masquerelay.boot.qlog;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.masquerelay.observe.ConnectionTrace;
import org.masquerelay.observe.TunnelListener.QuicRole;
import org.masquerelay.tunnel.TunnelKind;

/// The events of one connection. Confined to its event loop, but for what the writer calls.
final class QlogTrace implements ConnectionTrace {
    private final Qlog qlog;
    private final QlogSettings settings;
    private final QuicRole role;
    private final long startMillis;
    private final Clock clock;
    private final long startNanos;
    private final AtomicInteger queued = new AtomicInteger();
    private int tunnels;
    private int drops;
    private long leftOut;
    private boolean begun;
    private volatile boolean full;

    /// A clock that only goes forward.
    interface Clock {
        long nanoTime();
    }

    QlogTrace(Qlog qlog, QlogSettings settings, QuicRole role, long startMillis, Clock clock) {
        this.qlog = qlog;
        this.settings = settings;
        this.role = role;
        this.startMillis = startMillis;
        this.clock = clock;
        this.startNanos = clock.nanoTime();
        add(QlogEventType.CONNECTIVITY_CONNECTION_STARTED, "\"protocol\":\"QUIC\"");
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

    /// Events that were not queued, since the file is full or has enough of their kind; the writer
    /// asks once the last one has come.
    long leftOut() {
        return leftOut;
    }

    /// Of its events, how many wait for the writer.
    AtomicInteger queued() {
        return queued;
    }

    private void add(QlogEventType type, String data) {
        if (!settings.wants(type)) {
            return;
        }
        if (full) {
            leftOut++;
        } else {
            qlog.add(this, event(type, data));
        }
    }

    private QlogEvent event(QlogEventType type, String data) {
        return new QlogEvent(clock.nanoTime() - startNanos, type, data);
    }

    @Override
    public void established() {
        add(
                QlogEventType.CONNECTIVITY_CONNECTION_STATE_UPDATED,
                "\"old\":\"handshake_started\",\"new\":\"handshake_complete\"");
        newKeys("tls", 0);
    }

    @Override
    public void packetDropped(PacketType type, int bytes) {
        if (!settings.wants(QlogEventType.TRANSPORT_PACKET_DROPPED)) {
            return; // Those that nobody asked for are not left out either.
        }
        if (drops == settings.maxDrops()) {
            leftOut++;
            return;
        }
        drops++;
        var kind =
                switch (type) {
                    case INITIAL -> "initial";
                    case ZERO_RTT -> "0RTT";
                    case HANDSHAKE -> "handshake";
                    case ONE_RTT -> "1RTT";
                };
        add(
                QlogEventType.TRANSPORT_PACKET_DROPPED,
                "\"header\":{\"packet_type\":\"" + kind + "\"},\"raw\":{\"length\":" + bytes + "}");
    }

    @Override
    public void keysUpdated(long generation) {
        newKeys("remote_update", generation);
    }

    /// Both directions change together.
    private void newKeys(String trigger, long generation) {
        for (var key : List.of("client_1rtt_secret", "server_1rtt_secret")) {
            add(
                    QlogEventType.SECURITY_KEY_UPDATED,
                    "\"key_type\":\""
                            + key
                            + "\",\"generation\":"
                            + generation
                            + ",\"trigger\":\""
                            + trigger
                            + "\"");
        }
    }

    @Override
    public void migrated(boolean fresh) {
        add(QlogEventType.MASQUE_PEER_MIGRATED, "\"fresh_connection_id\":" + fresh);
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
        qlog.end(this, event(QlogEventType.CONNECTIVITY_CONNECTION_CLOSED, data.toString()));
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
            tell(QlogEventType.MASQUE_TUNNEL_OPEN, ",\"protocol\":\"" + kind.tag() + "\"");
        }

        @Override
        public void closed() {
            if (open) {
                open = false;
                tell(QlogEventType.MASQUE_TUNNEL_CLOSED, "");
            }
        }

        @Override
        public void capsule(long type, long length) {
            tell(
                    QlogEventType.MASQUE_CAPSULE_RECEIVED,
                    ",\"capsule_type\":" + type + ",\"length\":" + length);
        }

        private void tell(QlogEventType type, String more) {
            add(type, "\"tunnel\":" + number + more);
        }
    }
}
