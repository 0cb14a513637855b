package org.masquerelay.testkit;

import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A frame of HTTP/2 (RFC 9113, section 4.1) as it came, or as it shall go.
///
/// @param streamId 31 bits
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record H2Frame(int type, int flags, int streamId, byte[] payload) {
    // RFC 9113, section 6.
    public static final int DATA = 0x00;
    public static final int HEADERS = 0x01;
    public static final int PRIORITY = 0x02;
    public static final int RST_STREAM = 0x03;
    public static final int SETTINGS = 0x04;
    public static final int PUSH_PROMISE = 0x05;
    public static final int PING = 0x06;
    public static final int GOAWAY = 0x07;
    public static final int WINDOW_UPDATE = 0x08;
    public static final int CONTINUATION = 0x09;

    public static final int ACK = 0x01;
    public static final int END_STREAM = 0x01;
    public static final int END_HEADERS = 0x04;
    public static final int PADDED = 0x08;
    public static final int PRIORITIZED = 0x20;

    static final int HEADER = 9;

    public boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /// The payload without its padding (RFC 9113, section 6.1) and priority (section 6.2).
    byte[] content() throws IOException {
        int from = has(PADDED) ? 1 : 0;
        int padding = has(PADDED) && payload.length > 0 ? payload[0] & 0xff : 0;
        if (type == HEADERS && has(PRIORITIZED)) {
            from += 5;
        }
        if (from + padding > payload.length) {
            throw new IOException("more padding than payload");
        }
        return Arrays.copyOfRange(payload, from, payload.length - padding);
    }

    /// 32 bits of the payload that start at this byte.
    long number(int at) throws IOException {
        if (payload.length < at + 4) {
            throw new IOException("frame of type " + type + " with " + payload.length + " bytes");
        }
        long number = 0;
        for (int i = at; i < at + 4; i++) {
            number = (number << 8) | (payload[i] & 0xff);
        }
        return number;
    }

    /// The next frame, or null at the end.
    static @Nullable H2Frame read(RawTls tls) throws IOException {
        var header = tls.read(HEADER);
        if (header.length < HEADER) {
            return null;
        }
        int length = ((header[0] & 0xff) << 16) | ((header[1] & 0xff) << 8) | (header[2] & 0xff);
        var ids = new H2Frame(header[3] & 0xff, header[4] & 0xff, 0, header);
        int streamId = (int) (ids.number(5) & 0x7fff_ffff);
        var payload = tls.read(length);
        if (payload.length < length) {
            return null;
        }
        return new H2Frame(ids.type, ids.flags, streamId, payload);
    }
}
