package org.masquerelay.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.masquerelay.testkit.RawH2Options.Automatic;
import org.masquerelay.testkit.RawH2Stream.Event;
import org.masquerelay.tunnel.HeaderField;
import org.masquerelay.tunnel.HeaderFields;

/// What comes in on the connection of a [RawH2Client], read by a thread of its own.
final class RawH2Observed {
    private static final long MAX_FIELD_SECTION = 1 << 20;
    private static final int HEADER_TABLE_SIZE = 0x01;
    private static final int INITIAL_WINDOW_SIZE = 0x04;

    final CompletableFuture<Map<Integer, Long>> settings = new CompletableFuture<>();
    final CompletableFuture<TlsEnd> end = new CompletableFuture<>();
    final AtomicInteger settingsAcks = new AtomicInteger();
    final BlockingQueue<RawH2Client.GoAway> goAways = new LinkedBlockingQueue<>();
    final BlockingQueue<Long> pings = new LinkedBlockingQueue<>();
    final BlockingQueue<Long> pingAcks = new LinkedBlockingQueue<>();
    final BlockingQueue<H2Frame> others = new LinkedBlockingQueue<>();
    final H2SendWindows windows = new H2SendWindows();
    final Set<Automatic> automatic = Collections.synchronizedSet(EnumSet.noneOf(Automatic.class));

    /// Held by whoever does not want the next frame to be read.
    final Semaphore reading = new Semaphore(1);

    private final RawTls tls;
    private final DefaultHttp2HeadersDecoder decoder =
            new DefaultHttp2HeadersDecoder(false, MAX_FIELD_SECTION);
    private final Map<Integer, BlockingQueue<Event>> streams = new HashMap<>();
    // The block that CONTINUATION frames go on with.
    private final ByteArrayOutputStream block = new ByteArrayOutputStream();
    private boolean lastOfStream;

    RawH2Observed(RawTls tls, RawH2Options options) throws IOException {
        this.tls = tls;
        automatic.addAll(options.automatic());
        var announced = options.settings();
        for (int i = 0; i < announced.size(); i += 2) {
            if (announced.get(i) == HEADER_TABLE_SIZE) {
                limitTable(announced.get(i + 1));
            }
        }
    }

    private void limitTable(long bytes) throws IOException {
        try {
            decoder.maxHeaderTableSize(bytes);
        } catch (Http2Exception invalid) {
            throw new IOException(invalid);
        }
    }

    /// What came in on a stream, in order.
    BlockingQueue<Event> stream(int id) {
        synchronized (streams) {
            return streams.computeIfAbsent(
                    id,
                    _ -> {
                        var events = new LinkedBlockingQueue<Event>();
                        if (end.isDone()) {
                            events.add(new Event.Gone(end.join()));
                        }
                        return events;
                    });
        }
    }

    /// Reads until there is nothing more.
    void read() {
        try {
            for (var frame = H2Frame.read(tls); frame != null; frame = H2Frame.read(tls)) {
                reading.acquire();
                reading.release();
                take(frame);
            }
            var end = tls.end();
            finish(end == null ? new TlsEnd.Broken("no end") : end);
        } catch (IOException | RuntimeException | InterruptedException broken) {
            finish(new TlsEnd.Broken(broken.toString()));
        }
    }

    private void finish(TlsEnd end) {
        synchronized (streams) {
            this.end.complete(end);
            streams.values().forEach(events -> events.add(new Event.Gone(end)));
        }
        windows.end();
    }

    private void take(H2Frame frame) throws IOException {
        int id = frame.streamId();
        switch (frame.type()) {
            case H2Frame.DATA -> takeData(frame);
            case H2Frame.HEADERS -> {
                block.reset();
                lastOfStream = frame.has(H2Frame.END_STREAM);
                takeBlock(frame);
            }
            case H2Frame.CONTINUATION -> takeBlock(frame);
            case H2Frame.RST_STREAM -> stream(id).add(new Event.Reset(frame.number(0)));
            case H2Frame.SETTINGS -> takeSettings(frame);
            case H2Frame.PING -> takePing(frame);
            case H2Frame.GOAWAY -> goAways.add(goAway(frame));
            case H2Frame.WINDOW_UPDATE -> windows.update(id, frame.number(0) & 0x7fff_ffff);
            default -> others.add(frame);
        }
    }

    private static RawH2Client.GoAway goAway(H2Frame frame) throws IOException {
        int lastStreamId = (int) frame.number(0) & 0x7fff_ffff;
        long code = frame.number(4);
        var debug = new String(frame.payload(), 8, frame.payload().length - 8, ISO_8859_1);
        return new RawH2Client.GoAway(lastStreamId, code, debug);
    }

    private void takeData(H2Frame frame) throws IOException {
        boolean last = frame.has(H2Frame.END_STREAM);
        var events = stream(frame.streamId());
        events.add(new Event.Data(frame.content()));
        if (last) {
            events.add(new Event.Fin());
        }
        int length = frame.payload().length;
        if (length > 0) {
            answer(Automatic.WINDOW_UPDATE, H2Bytes.windowUpdate(0, length));
            if (!last) {
                answer(Automatic.WINDOW_UPDATE, H2Bytes.windowUpdate(frame.streamId(), length));
            }
        }
    }

    private void takeBlock(H2Frame frame) throws IOException {
        block.writeBytes(frame.type() == H2Frame.HEADERS ? frame.content() : frame.payload());
        if (frame.has(H2Frame.END_HEADERS)) {
            var events = stream(frame.streamId());
            events.add(head(frame.streamId()));
            if (lastOfStream) {
                events.add(new Event.Fin());
            }
        }
    }

    private Event.Head head(int streamId) throws IOException {
        try {
            int status = 0;
            List<HeaderField> lines = new ArrayList<>();
            var bytes = Unpooled.wrappedBuffer(block.toByteArray());
            for (var entry : decoder.decodeHeaders(streamId, bytes)) {
                var line = new HeaderField(entry.getKey().toString(), entry.getValue().toString());
                lines.add(line);
                if (line.name().equals(":status")) {
                    status = Integer.parseInt(line.value());
                }
            }
            return new Event.Head(status, new HeaderFields(lines));
        } catch (Http2Exception undecodable) {
            throw new IOException(undecodable);
        }
    }

    private void takeSettings(H2Frame frame) throws IOException {
        if (frame.has(H2Frame.ACK)) {
            settingsAcks.incrementAndGet();
            return;
        }
        var values = new TreeMap<Integer, Long>();
        for (int at = 0; at < frame.payload().length; at += 6) {
            int id = ((frame.payload()[at] & 0xff) << 8) | (frame.payload()[at + 1] & 0xff);
            values.put(id, frame.number(at + 2));
        }
        var window = values.get(INITIAL_WINDOW_SIZE);
        if (window != null) {
            windows.initial(window);
        }
        settings.complete(values);
        answer(Automatic.SETTINGS_ACK, H2Bytes.settingsAck());
    }

    private void takePing(H2Frame frame) throws IOException {
        long opaque = (frame.number(0) << 32) | frame.number(4);
        if (frame.has(H2Frame.ACK)) {
            pingAcks.add(opaque);
        } else {
            pings.add(opaque);
            answer(Automatic.PING_ACK, H2Bytes.ping(H2Frame.ACK, opaque));
        }
    }

    private void answer(Automatic kind, byte[] bytes) {
        if (automatic.contains(kind)) {
            try {
                tls.send(bytes);
            } catch (IOException _) {
                // There may still be something to read, such as GOAWAY.
            }
        }
    }
}
