package org.masquerelay.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.StreamEnd;
import org.masquerelay.tunnel.TunnelSink;
import org.masquerelay.tunnel.TunnelStream;

/// A [TcpTunnel] on a [TunnelStream]. One lock guards what the event loop and the blocking threads
/// share; the event loop holds it for a few instructions only.
final class BlockingTcpTunnel implements TcpTunnel, TunnelSink {
    /// Bytes that nobody has read yet before the relay is told to wait.
    private static final int HIGH_WATER = 256 * 1024;

    /// Bytes written that the stream has not taken yet before writers wait.
    private static final int MAX_UNSENT = 256 * 1024;

    private final EventLoop loop;
    private final TunnelStream stream;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Queue<byte[]> received = new ArrayDeque<>();
    private final InputStream input = new Input();
    private final OutputStream output = new Output();
    private int available;
    private int unsent;
    private boolean paused;
    private boolean blocked;
    private boolean inputEnded;
    private boolean broken;
    private boolean outputEnded;

    /// On the event loop of the stream.
    BlockingTcpTunnel(EventLoop loop, TunnelStream stream) {
        this.loop = loop;
        this.stream = stream;
        stream.attach(this);
    }

    @Override
    public void received(ByteBuf payload) {
        var bytes = new byte[payload.readableBytes()];
        payload.readBytes(bytes);
        payload.release();
        change(() -> {
            received.add(bytes);
            available += bytes.length;
            if (available > HIGH_WATER && !paused) {
                paused = true;
                stream.pause();
            }
        });
    }

    @Override
    public void finished() {
        change(() -> inputEnded = true);
    }

    @Override
    public void writable() {
        change(() -> blocked = false);
    }

    @Override
    public void closed(StreamEnd end) {
        change(() -> broken = true);
    }

    private void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public InputStream input() {
        return input;
    }

    @Override
    public OutputStream output() {
        return output;
    }

    @Override
    public void close() {
        loop.execute(() -> {
            if (!isFinished()) {
                stream.reset(ResetCause.CANCELLED);
            }
        });
    }

    private boolean isFinished() {
        lock.lock();
        try {
            return inputEnded && outputEnded;
        } finally {
            lock.unlock();
        }
    }

    @SuppressWarnings("WaitNotInLoop") // Both callers loop.
    private void await() throws InterruptedIOException {
        try {
            changed.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw (InterruptedIOException)
                    new InterruptedIOException("interrupted").initCause(interrupted);
        }
    }

    private final class Input extends InputStream {
        private byte[] current = new byte[0];
        private int position;

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, to.length);
            if (length == 0) {
                return 0;
            }
            lock.lock();
            try {
                while (position == current.length) {
                    var next = received.poll();
                    if (next != null) {
                        current = next;
                        position = 0;
                    } else if (inputEnded) {
                        return -1;
                    } else if (broken) {
                        throw new IOException("the tunnel was reset");
                    } else {
                        BlockingTcpTunnel.this.await();
                    }
                }
                int taken = Math.min(length, current.length - position);
                System.arraycopy(current, position, to, offset, taken);
                position += taken;
                available -= taken;
                resumeIfDrained();
                return taken;
            } finally {
                lock.unlock();
            }
        }

        private void resumeIfDrained() {
            if (paused && available < HIGH_WATER / 2) {
                paused = false;
                loop.execute(stream::resume);
            }
        }

        @Override
        public int available() {
            lock.lock();
            try {
                return available;
            } finally {
                lock.unlock();
            }
        }
    }

    private final class Output extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, from.length);
            for (int sent = 0; sent < length; ) {
                int part = Math.min(length - sent, MAX_UNSENT);
                writePart(Unpooled.copiedBuffer(from, offset + sent, part), part);
                sent += part;
            }
        }

        private void writePart(ByteBuf bytes, int length) throws IOException {
            lock.lock();
            try {
                while ((blocked || (unsent > 0 && unsent + length > MAX_UNSENT)) && !broken) {
                    BlockingTcpTunnel.this.await();
                }
                if (broken || outputEnded) {
                    bytes.release();
                    throw new IOException(broken ? "the tunnel was reset" : "the output is closed");
                }
                unsent += length;
            } finally {
                lock.unlock();
            }
            loop.execute(() -> {
                stream.write(bytes);
                boolean wait = !stream.isWritable();
                change(() -> {
                    unsent -= length;
                    blocked = wait;
                });
            });
        }

        @Override
        public void close() {
            lock.lock();
            try {
                if (outputEnded) {
                    return;
                }
                outputEnded = true;
            } finally {
                lock.unlock();
            }
            loop.execute(stream::finish);
        }
    }
}
