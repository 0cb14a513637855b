package org.masquerelay.http;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.masquerelay.observe.DropReason;
import org.masquerelay.observe.Losses;

/// Datagrams that overtook the HEADERS of their stream (RFC 9297, section 2.1): the newest few of a
/// connection.
///
/// A ring of fixed size, so a peer that sends datagrams for streams it never opens holds a few
/// packets and no more.
final class EarlyDatagrams {
    private static final int PLACES = 16;

    private final Losses losses;
    private final @Nullable ByteBuf[] held = new @Nullable ByteBuf[PLACES];
    private final long[] quarterIds = new long[PLACES];
    private int next;
    private boolean empty = true;

    EarlyDatagrams(Losses losses) {
        this.losses = losses;
    }

    /// Keeps `datagram`, which is consumed, in the place of the oldest.
    void hold(long quarterId, ByteBuf datagram) {
        var oldest = held[next];
        if (oldest != null) {
            oldest.release();
            losses.dropped(DropReason.EARLY_OVERFLOW);
        }
        held[next] = datagram;
        quarterIds[next] = quarterId;
        next = (next + 1) % PLACES;
        empty = false;
    }

    /// Hands over what waits for a stream, oldest first.
    void deliver(long quarterId, H3Datagrams.Receiver receiver) {
        if (empty) {
            return;
        }
        boolean left = false;
        for (int i = 0; i < PLACES; i++) {
            int place = (next + i) % PLACES;
            var datagram = held[place];
            if (datagram != null && quarterIds[place] == quarterId) {
                held[place] = null;
                receiver.datagram(datagram);
            } else {
                left |= datagram != null;
            }
        }
        empty = !left;
    }

    void close() {
        for (int i = 0; i < PLACES; i++) {
            var datagram = held[i];
            if (datagram != null) {
                datagram.release();
                held[i] = null;
            }
        }
        empty = true;
    }
}
