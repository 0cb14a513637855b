package org.masquerelay.http;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.Http2StreamChannel;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The open streams of one HTTP/2 connection. Confined to its event loop.
final class H2Streams {
    private final Set<Http2StreamChannel> open = new HashSet<>();

    void add(Http2StreamChannel stream) {
        open.add(stream);
        stream.closeFuture().addListener(_ -> open.remove(stream));
    }

    /// The connection is gone. A stream that does not read, and for which frames wait, would never
    /// hear of it: Netty tells it once it has read them. So it reads them now.
    void connectionEnded(EventLoop loop) {
        loop.execute(() -> List.copyOf(open).forEach(Channel::read)); // After the codec's own part.
    }
}
