package org.masquerelay.boot.qlog;

import java.util.Locale;
import org.masquerelay.observe.TunnelListener.QuicRole;

/// One event of a file, before it is written.
///
/// No value is a text that came from outside.
///
/// @param nanos since the file was begun
/// @param data the members of an object, in JSON
record QlogEvent(long nanos, QlogEventType type, String data) {
    /// RFC 7464, section 2.2.
    private static final char RECORD_SEPARATOR = 0x1e;

    private static final double NANOS_PER_MILLI = 1e6;

    String toRecord() {
        return RECORD_SEPARATOR
                + String.format(
                        Locale.ROOT,
                        "{\"time\":%.3f,\"name\":\"%s\",\"data\":{%s}}\n",
                        nanos / NANOS_PER_MILLI,
                        type,
                        data);
    }

    /// The first record of a file.
    ///
    /// @param group what tells files apart; it has nothing to do with connection IDs
    static String header(QlogSettings settings, QuicRole role, String group, long epochMillis) {
        // Tools list connections by the name of the vantage point and the title of the trace, and
        // not by those of the file.
        var relay = escaped(settings.title());
        return RECORD_SEPARATOR
                + String.format(
                        Locale.ROOT,
                        "{\"qlog_version\":\"0.3\",\"qlog_format\":\"JSON-SEQ\",\"title\":\"%s\","
                                + "\"description\":\"addresses, names and connection IDs are left"
                                + " out\",\"trace\":{\"title\":\"%s\",\"vantage_point\":"
                                + "{\"name\":\"%s\",\"type\":\"%s\"},"
                                + "\"common_fields\":{\"group_id\":\"%s\",\"protocol_type\":"
                                + "[\"QUIC\",\"HTTP3\"],\"time_format\":\"relative\","
                                + "\"reference_time\":%d}}}\n",
                        relay,
                        role == QuicRole.SERVER ? "accepted" : "dialled",
                        relay,
                        vantage(role),
                        group,
                        epochMillis);
    }

    /// What qlog calls the side that writes.
    static String vantage(QuicRole role) {
        return role.name().toLowerCase(Locale.ROOT);
    }

    /// RFC 8259, section 7.
    private static String escaped(String text) {
        var out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c == '"' || c == '\\') {
                out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }
}
