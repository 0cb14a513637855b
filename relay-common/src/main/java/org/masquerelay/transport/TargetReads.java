package org.masquerelay.transport;

import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;

/// Reads of a connected UDP socket, one datagram each.
///
/// Netty's epoll transport takes an empty datagram for the end of a stream and passes it over; this
/// is where it can still be noticed.
final class TargetReads extends DefaultMaxMessagesRecvByteBufAllocator {
    private final int size;
    private final EmptyDatagrams emptyDatagrams;

    /// Hears of each empty datagram, in its place among the others.
    interface EmptyDatagrams {
        void empty();
    }

    /// @param size in bytes; what is longer is cut
    TargetReads(int size, EmptyDatagrams emptyDatagrams) {
        this.size = size;
        this.emptyDatagrams = emptyDatagrams;
    }

    @Override
    @SuppressWarnings("deprecation") // Netty has no newer type to return here.
    public Handle newHandle() {
        return new MaxMessageHandle() {
            @Override
            public int guess() {
                return size;
            }

            @Override
            public void lastBytesRead(int bytes) {
                super.lastBytesRead(bytes);
                if (bytes < 0) {
                    emptyDatagrams.empty();
                }
            }
        };
    }
}
