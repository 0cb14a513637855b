package org.masquerelay.boot.qlog;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// What can be written of a connection, by the names of the drafts of qlog 0.3, with a namespace of
/// our own for tunnels.
public enum QlogEventType {
    CONNECTION_STARTED("connectivity:connection_started"),
    CONNECTION_STATE_UPDATED("connectivity:connection_state_updated"),
    CONNECTION_CLOSED("connectivity:connection_closed"),
    PACKET_DROPPED("transport:packet_dropped"),
    KEY_UPDATED("security:key_updated"),
    TUNNEL_OPEN("masque:tunnel_open"),
    TUNNEL_CLOSED("masque:tunnel_closed"),
    CAPSULE_RECEIVED("masque:capsule_received"),
    PEER_MIGRATED("masque:peer_migrated"),
    EVENTS_LEFT_OUT("masque:events_left_out");

    /// These are in each file, whatever is asked for: its first and last event, and what says that
    /// it is not complete.
    private static final Set<QlogEventType> ALWAYS =
            Collections.unmodifiableSet(
                    EnumSet.of(CONNECTION_STARTED, CONNECTION_CLOSED, EVENTS_LEFT_OUT));

    private final String wireName;

    QlogEventType(String wireName) {
        this.wireName = wireName;
    }

    /// Its name in files and in the configuration.
    public String wireName() {
        return wireName;
    }

    /// Every one.
    public static Set<QlogEventType> all() {
        return EnumSet.allOf(QlogEventType.class);
    }

    /// The one of that name.
    public static Optional<QlogEventType> of(String wireName) {
        return Arrays.stream(values()).filter(type -> type.wireName.equals(wireName)).findAny();
    }

    /// All their names, for a message.
    public static String names() {
        return Arrays.stream(values())
                .map(QlogEventType::wireName)
                .collect(Collectors.joining(", "));
    }

    boolean isAlwaysWritten() {
        return ALWAYS.contains(this);
    }
}
