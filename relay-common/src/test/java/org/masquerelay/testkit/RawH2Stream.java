package org.masquerelay.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.masquerelay.tunnel.HeaderFields;

/// A stream of a [RawH2Client]. Blocks.
public final class RawH2Stream {
    private static final long LIMIT_SECONDS = 10;
    private static final int MAX_FRAME = 16_384;

    private final int id;
    private final RawTls tls;
    private final RawH2Observed observed;
    private final BlockingQueue<Event> events;
    private byte[] unread = new byte[0];

    /// What came in on the stream, in order.
    public sealed interface Event {
        /// A field section with its pseudo-header fields; its status is 0 when it is none of a
        /// response.
        record Head(int status, HeaderFields fields) implements Event {}

        /// The content of a DATA frame.
        @SuppressWarnings("ArrayRecordComponent") // Never compared.
        record Data(byte[] content) implements Event {}

        /// END_STREAM.
        record Fin() implements Event {}

        record Reset(long code) implements Event {}

        /// The end of the connection.
        record Gone(TlsEnd end) implements Event {}
    }

    RawH2Stream(int id, RawTls tls, RawH2Observed observed) {
        this.id = id;
        this.tls = tls;
        this.observed = observed;
        this.events = observed.stream(id);
    }

    public int id() {
        return id;
    }

    /// Sends a head of these names and values in turn, which does not end the stream.
    public void request(String... namesAndValues) throws IOException {
        headers(H2Frame.END_HEADERS, H2Bytes.block(namesAndValues));
    }

    /// Sends a HEADERS frame with a block, or with the start of one.
    public void headers(int flags, byte[] block) throws IOException {
        tls.send(H2Bytes.headers(id, flags, block));
    }

    /// Sends one DATA frame, whatever its length, and whatever the peer's windows.
    public void data(int flags, byte[] content) throws IOException {
        observed.windows.sent(id, content.length);
        tls.send(H2Bytes.data(id, flags, content));
    }

    public void data(byte[] content) throws IOException {
        data(0, content);
    }

    public void data(String content) throws IOException {
        data(content.getBytes(UTF_8));
    }

    /// Sends all of this in DATA frames, as the peer's windows let it.
    public void pour(byte[] content) throws IOException, InterruptedException {
        for (int from = 0; from < content.length; ) {
            int count = observed.windows.take(id, Math.min(MAX_FRAME, content.length - from));
            tls.send(H2Bytes.data(id, 0, Arrays.copyOfRange(content, from, from + count)));
            from += count;
        }
    }

    /// Ends our side with an empty DATA frame.
    public void finish() throws IOException {
        data(H2Frame.END_STREAM, new byte[0]);
    }

    /// RST_STREAM.
    public void reset(long code) throws IOException {
        tls.send(H2Bytes.rst(id, code));
    }

    public void windowUpdate(long increment) throws IOException {
        tls.send(H2Bytes.windowUpdate(id, increment));
    }

    /// The sum of the peer's WINDOW_UPDATEs.
    public long windowUpdates() {
        return observed.windows.updates(id);
    }

    public Event next() throws InterruptedException {
        var event = events.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        if (event == null) {
            throw new AssertionError("nothing within " + LIMIT_SECONDS + " s");
        }
        if (event instanceof Event.Gone) {
            events.add(event); // It stays gone.
        }
        return event;
    }

    /// Whether there is anything to take.
    public boolean hasNext() {
        return !events.isEmpty();
    }

    /// The answer's head, which comes next.
    public Event.Head awaitHead() throws InterruptedException {
        var event = next();
        if (event instanceof Event.Head head) {
            return head;
        }
        throw new AssertionError("expected a head: " + event);
    }

    public int awaitStatus() throws InterruptedException {
        return awaitHead().status();
    }

    /// Exactly so many bytes of content.
    public byte[] awaitBytes(int count) throws InterruptedException {
        var all = new ByteArrayOutputStream(count);
        all.writeBytes(unread);
        while (all.size() < count) {
            var event = next();
            if (!(event instanceof Event.Data(var content))) {
                throw new AssertionError(all.size() + " of " + count + " bytes, then " + event);
            }
            all.writeBytes(content);
        }
        var bytes = all.toByteArray();
        unread = Arrays.copyOfRange(bytes, count, bytes.length);
        return Arrays.copyOf(bytes, count);
    }

    public String awaitText(int count) throws InterruptedException {
        return new String(awaitBytes(count), UTF_8);
    }

    /// Waits for RST_STREAM, past whatever comes before it.
    public long awaitReset() throws InterruptedException {
        while (true) {
            switch (next()) {
                case Event.Reset(long code) -> {
                    return code;
                }
                case Event.Head _, Event.Data _ -> {}
                // NO_ERROR may follow a whole answer (RFC 9113, section 8.1).
                case Event.Fin _ -> {}
                case Event.Gone(var end) -> throw new AssertionError("no reset, but " + end);
            }
        }
    }

    /// Reads content up to END_STREAM.
    public byte[] awaitEnd() throws InterruptedException {
        var all = new ByteArrayOutputStream();
        all.writeBytes(unread);
        unread = new byte[0];
        while (true) {
            switch (next()) {
                case Event.Data(var content) -> all.writeBytes(content);
                case Event.Fin _ -> {
                    return all.toByteArray();
                }
                case Event other -> throw new AssertionError("expected content: " + other);
            }
        }
    }
}
