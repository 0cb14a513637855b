package org.masquerelay.boot.qlog;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.masquerelay.observe.PacketInterest;

/// Which connections are written down, and how much of them.
///
/// @param directory where the files are; made if it is missing
/// @param title what the files are called within, such as the relay's identifier
/// @param events what is written, beside what always is
/// @param sampleRate the share of connections, from 0 to 1
/// @param maxOpen connections that are written down at the same time
/// @param maxSize bytes of one file before it is compressed; what comes after is counted only
/// @param maxAge files older than that are deleted
/// @param maxTotal bytes of all files; beyond, the oldest are deleted
/// @param compress whether files are compressed when their connection is closed
public record QlogSettings(
        Path directory,
        String title,
        Set<QlogEventType> events,
        double sampleRate,
        int maxOpen,
        long maxSize,
        Duration maxAge,
        long maxTotal,
        boolean compress) {
    private static final int MOST_DROPS = 250;

    /// Of a file, so much may be about dropped packets: whoever is on the way can send as many as
    /// he likes.
    private static final int SHARE_OF_DROPS = 4;

    private static final int BYTES_OF_DROP = 128;

    public QlogSettings {
        events = Set.copyOf(events);
    }

    /// Whether these events are written.
    boolean wants(QlogEventType type) {
        return type.isAlwaysWritten() || events.contains(type);
    }

    /// Dropped packets that one file tells of.
    int maxDrops() {
        return (int) Math.min(MOST_DROPS, maxSize / SHARE_OF_DROPS / BYTES_OF_DROP);
    }

    /// What single packets have to be looked at for.
    PacketInterest packetInterest() {
        if (sampleRate == 0) {
            return PacketInterest.NONE;
        }
        if (wants(QlogEventType.SECURITY_KEY_UPDATED)) {
            return PacketInterest.DROPS_AND_KEYS;
        }
        return wants(QlogEventType.TRANSPORT_PACKET_DROPPED)
                ? PacketInterest.DROPS
                : PacketInterest.NONE;
    }
}
