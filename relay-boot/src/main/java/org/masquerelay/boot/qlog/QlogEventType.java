package org.masquerelay.boot.qlog;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/// What can be written of a connection, by the names of the drafts of qlog 0.3, with a namespace of
/// our own for tunnels.
public enum QlogEventType {
    CONNECTIVITY_CONNECTION_STARTED("connectivity:connection_started"),
    CONNECTIVITY_CONNECTION_STATE_UPDATED("connectivity:connection_state_updated"),
    CONNECTIVITY_CONNECTION_CLOSED("connectivity:connection_closed"),
    TRANSPORT_PACKET_DROPPED("transport:packet_dropped"),
    SECURITY_KEY_UPDATED("security:key_updated"),
    MASQUE_TUNNEL_OPEN("masque:tunnel_open"),
    MASQUE_TUNNEL_CLOSED("masque:tunnel_closed"),
    MASQUE_CAPSULE_RECEIVED("masque:capsule_received"),
    MASQUE_PEER_MIGRATED("masque:peer_migrated"),
    MASQUE_EVENTS_LEFT_OUT("masque:events_left_out");

    /// These are in each file, whatever is asked for: its first and last event, and what says that
    /// it is not complete.
    private static final Set<QlogEventType> ALWAYS =
            Collections.unmodifiableSet(
                    EnumSet.of(
                            CONNECTIVITY_CONNECTION_STARTED,
                            CONNECTIVITY_CONNECTION_CLOSED,
                            MASQUE_EVENTS_LEFT_OUT));

    private final String wireName;

    QlogEventType(String wireName) {
        this.wireName = wireName;
    }

    /// Every one.
    public static Set<QlogEventType> all() {
        return EnumSet.allOf(QlogEventType.class);
    }

    boolean isAlwaysWritten() {
        return ALWAYS.contains(this);
    }

    /// Its name in files and in the configuration.
    @Override
    public String toString() {
        return wireName;
    }
}
