package org.masquerelay.http;

import io.netty.util.collection.IntObjectHashMap;
import org.jspecify.annotations.Nullable;

/// The DATA frames of one HTTP/2 connection that wait for streams which do not read.
///
/// The windows bound their bytes, but not what each costs beside its bytes: a window full of frames
/// of one byte would be a hundred times as large in memory. Confined to the event loop of its
/// connection.
final class H2Backlog {
    /// Below so many bytes a frame costs more than it carries.
    private static final int SMALL = 256;

    /// Small frames that wait, over all streams of the connection.
    private static final int MAX_SMALL_FRAMES = 16_384;

    private final IntObjectHashMap<Waiting> streams = new IntObjectHashMap<>();
    private int small;

    private static final class Waiting {
        int frames;
        int small;
    }

    void opened(int streamId) {
        streams.put(streamId, new Waiting());
    }

    /// Counts a frame that is on its way to its stream.
    void arrived(int streamId, int bytes) {
        var waiting = streams.get(streamId);
        if (waiting != null) {
            waiting.frames++;
            if (bytes < SMALL) {
                waiting.small++;
                small++;
            }
        }
    }

    /// Counts a frame that its stream has read.
    void read(int streamId, int bytes) {
        var waiting = streams.get(streamId);
        if (waiting != null) {
            waiting.frames--;
            if (bytes < SMALL) {
                waiting.small--;
                small--;
            }
        }
    }

    /// Whether frames of the stream wait.
    boolean isWaiting(int streamId) {
        @Nullable Waiting waiting = streams.get(streamId);
        return waiting != null && waiting.frames > 0;
    }

    boolean isFlooded() {
        return small > MAX_SMALL_FRAMES;
    }

    /// Forgets a stream, and what waits for it.
    void closed(int streamId) {
        var waiting = streams.remove(streamId);
        if (waiting != null) {
            small -= waiting.small;
        }
    }
}
