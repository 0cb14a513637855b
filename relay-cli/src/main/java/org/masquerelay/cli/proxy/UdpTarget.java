package org.masquerelay.cli.proxy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.masquerelay.client.UdpTunnel;

/// One target of an association, and the tunnel to it. Its thread opens the tunnel, delivers what
/// comes back, and ends when nothing has passed for some time.
///
/// Datagrams for a target that has been refused are dropped for a while: each try costs a token.
final class UdpTarget implements AutoCloseable {
    /// Datagrams that wait for the tunnel; as many as an ordinary socket would hold of small ones.
    private static final int MAX_WAITING = 64;

    private final Opener opener;
    private final UdpAssociation.Settings settings;
    private final Consumer<byte[]> delivery;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition closing = lock.newCondition();
    private final Queue<byte[]> waiting = new ArrayDeque<>();
    private State state = State.OPENING;
    private @Nullable UdpTunnel tunnel;
    private volatile long usedNanos = System.nanoTime();

    private enum State {
        OPENING,
        OPEN,
        REFUSED,
        CLOSED
    }

    /// Opens the tunnel.
    interface Opener {
        UdpTunnel open() throws IOException;
    }

    /// @param delivery takes what the target sends, on the thread of this target
    UdpTarget(Opener opener, UdpAssociation.Settings settings, Consumer<byte[]> delivery) {
        this.opener = opener;
        this.settings = settings;
        this.delivery = delivery;
    }

    /// `ended` runs when this target is of no use any more.
    void start(Runnable ended) {
        Thread.ofVirtual()
                .name("proxy-udp")
                .start(() -> {
                    try {
                        run();
                    } finally {
                        close();
                        ended.run();
                    }
                });
    }

    private void run() {
        UdpTunnel opened;
        try {
            opened = opener.open();
        } catch (IOException _) {
            stayRefused();
            return;
        }
        try (opened) {
            if (begin(opened)) {
                deliverWhileUsed(opened);
            }
        } catch (IOException _) {
            // The tunnel has ended; the next datagram opens another.
        }
    }

    private boolean begin(UdpTunnel opened) throws IOException {
        lock.lock();
        try {
            if (state != State.OPENING) {
                return false;
            }
            state = State.OPEN;
            tunnel = opened;
            for (var payload = waiting.poll(); payload != null; payload = waiting.poll()) {
                opened.send(payload);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void deliverWhileUsed(UdpTunnel opened) throws IOException {
        long idleNanos = settings.targetIdle().toNanos();
        while (true) {
            long left = idleNanos - (System.nanoTime() - usedNanos);
            if (left <= 0) {
                return;
            }
            var payload = opened.receive(Duration.ofNanos(Math.max(left, 1_000_000)));
            if (payload.isPresent()) {
                usedNanos = System.nanoTime();
                delivery.accept(payload.get());
            }
        }
    }

    private void stayRefused() {
        lock.lock();
        try {
            if (state == State.OPENING) {
                state = State.REFUSED;
            }
            waiting.clear();
            long left = settings.retryAfter().toNanos();
            while (state == State.REFUSED && left > 0) {
                left = closing.awaitNanos(left);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /// Sends one datagram, or drops it.
    void send(byte[] payload) {
        lock.lock();
        try {
            if (state == State.OPENING && waiting.size() < MAX_WAITING) {
                waiting.add(payload);
            } else if (state == State.OPEN && tunnel != null) {
                usedNanos = System.nanoTime();
                tunnel.send(payload);
            }
        } catch (IOException _) {
            close(); // The receiving thread finds out as well.
        } finally {
            lock.unlock();
        }
    }

    /// Closes this target to make room for another, unless its tunnel is just being opened: what
    /// the relay is busy with stays counted.
    boolean giveUp() {
        lock.lock();
        try {
            if (state == State.OPENING) {
                return false;
            }
            close();
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            state = State.CLOSED;
            waiting.clear();
            closing.signalAll();
            if (tunnel != null) {
                tunnel.close();
                tunnel = null;
            }
        } finally {
            lock.unlock();
        }
    }
}
