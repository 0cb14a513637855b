package org.masquerelay.client;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import org.masquerelay.tunnel.TunnelStream;

/// Opens the UDP tunnels that the connections of a client within another travel in.
public interface Passages {
    /// A tunnel to the inner relay, of the outer client. Called for each connection, on a thread
    /// that may block.
    Passage open() throws IOException;

    /// The same for an event loop, which hears of the outcome and does not wait for it.
    static Future<TunnelStream> open(Passages passages, EventLoop loop) {
        Promise<TunnelStream> opened = loop.newPromise();
        Thread.ofVirtual()
                .name("relay-passage")
                .start(() -> {
                    try {
                        give(passages.open(), loop, opened);
                    } catch (IOException | RuntimeException failure) {
                        opened.tryFailure(failure);
                    }
                });
        return opened;
    }

    private static void give(Passage passage, EventLoop loop, Promise<TunnelStream> opened)
            throws IOException {
        boolean here = passage.loop().equals(loop);
        if (!here || !opened.trySuccess(passage.stream())) {
            passage.close();
        }
        if (!here) {
            throw new IOException("the passage is on another event loop than the outer client's");
        }
    }
}
