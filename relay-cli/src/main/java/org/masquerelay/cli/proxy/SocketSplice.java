package org.masquerelay.cli.proxy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.masquerelay.client.TcpTunnel;

/// Carries bytes both ways between a client and its tunnel. Each direction has a thread that waits
/// for the slower side; a FIN becomes a FIN, a reset a reset.
final class SocketSplice {
    private static final int BUFFER = 32 * 1024;

    private final LocalClient client;
    private final TcpTunnel tunnel;
    private final Duration halfClosedIdle;

    /// @param halfClosedIdle how long one direction may be silent after the other has ended: one of
    ///   the ends may have gone without a word
    SocketSplice(LocalClient client, TcpTunnel tunnel, Duration halfClosedIdle) {
        this.client = client;
        this.tunnel = tunnel;
        this.halfClosedIdle = halfClosedIdle;
    }

    /// Comes back when both directions have ended; the caller closes both sides.
    void run() throws IOException {
        var up = new Direction(client.input(), tunnel.output(), tunnel.output()::close);
        var down = new Direction(tunnel.input(), client.output(), client::finish);
        Thread.ofVirtual().name("proxy-up").start(up);
        Thread.ofVirtual().name("proxy-down").start(down);
        try {
            CompletableFuture.anyOf(up.done, down.done).get();
            (up.done.isDone() ? down : up).awaitWhileActive(halfClosedIdle);
            CompletableFuture.allOf(up.done, down.done).get();
        } catch (ExecutionException | TimeoutException _) {
            client.reset();
            tunnel.close(); // Which is a reset, since a direction is open.
        } catch (InterruptedException _) {
            client.reset();
            tunnel.close();
            Thread.currentThread().interrupt();
        }
    }

    private interface Finish {
        void finish() throws IOException;
    }

    /// The bytes of one direction, and the FIN behind them.
    private static final class Direction implements Runnable {
        private final InputStream from;
        private final OutputStream to;
        private final Finish finish;
        private final CompletableFuture<Void> done = new CompletableFuture<>();
        private volatile long moved;

        Direction(InputStream from, OutputStream to, Finish finish) {
            this.from = from;
            this.to = to;
            this.finish = finish;
        }

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate") // Only this thread writes.
        public void run() {
            try {
                var buffer = new byte[BUFFER];
                for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                    to.write(buffer, 0, count);
                    moved += count;
                }
                finish.finish();
                done.complete(null);
            } catch (IOException | RejectedExecutionException e) {
                done.completeExceptionally(e);
            }
        }

        /// @throws TimeoutException when nothing has moved for so long
        void awaitWhileActive(Duration idle)
                throws InterruptedException, ExecutionException, TimeoutException {
            while (true) {
                long before = moved;
                try {
                    done.get(idle.toMillis(), TimeUnit.MILLISECONDS);
                    return;
                } catch (TimeoutException silent) {
                    if (moved == before) {
                        throw silent;
                    }
                }
            }
        }
    }
}
