package org.masquerelay.cli.proxy;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;

/// The connection of a program on this side of the relay. Until [#ready()], all it sends has to be
/// here in a time that begins with the connection.
final class LocalClient implements AutoCloseable {
    /// What a refused client may still send while it reads why.
    private static final int MAX_IGNORED = 256 * 1024;

    private static final Duration FAREWELL = Duration.ofSeconds(1);

    private final Socket socket;
    private final Timed timed;
    private final InputStream input;
    private final OutputStream output;

    LocalClient(Socket socket, Duration patience) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        socket.setKeepAlive(true);
        timed = new Timed(socket, System.nanoTime() + patience.toNanos());
        input = new BufferedInputStream(timed);
        output = socket.getOutputStream();
    }

    InputStream input() {
        return input;
    }

    OutputStream output() {
        return output;
    }

    InetAddress address() {
        return socket.getInetAddress();
    }

    /// Where the client has reached this proxy.
    InetAddress localAddress() {
        return socket.getLocalAddress();
    }

    /// From now on reads wait as long as it takes.
    void ready() throws IOException {
        timed.unlimited();
    }

    /// Ends this direction only.
    void finish() throws IOException {
        socket.shutdownOutput();
    }

    /// Ends the connection after the last words have been read: closing at once would reset it, as
    /// there may be bytes that nobody here wants to read, and take the words back.
    void sayFarewell(byte[] words) throws IOException {
        output.write(words);
        socket.shutdownOutput();
        timed.deadline(System.nanoTime() + FAREWELL.toNanos());
        byte[] ignored = new byte[8192];
        int total = 0;
        while (total < MAX_IGNORED) {
            int count = input.read(ignored);
            if (count < 0) {
                return;
            }
            total += count;
        }
    }

    /// Ends both directions as a failure: the client sees a reset.
    void reset() {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            // It has gone already.
        }
        close();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // It has gone, which is what was wanted.
        }
    }

    /// Reads of a socket that have to be done at a certain time, however few bytes each brings.
    private static final class Timed extends InputStream {
        private final Socket socket;
        private final InputStream bytes;
        private volatile long deadlineNanos;
        private volatile boolean limited = true;

        Timed(Socket socket, long deadlineNanos) throws IOException {
            this.socket = socket;
            this.bytes = socket.getInputStream();
            this.deadlineNanos = deadlineNanos;
        }

        void unlimited() throws IOException {
            limited = false;
            socket.setSoTimeout(0);
        }

        void deadline(long nanos) {
            deadlineNanos = nanos;
            limited = true;
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
            if (limited) {
                long left = (deadlineNanos - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    throw new SocketTimeoutException("the client is too slow");
                }
                socket.setSoTimeout((int) Math.min(left, Integer.MAX_VALUE));
            }
            return bytes.read(to, offset, length);
        }

        @Override
        public int available() throws IOException {
            return bytes.available();
        }
    }
}
