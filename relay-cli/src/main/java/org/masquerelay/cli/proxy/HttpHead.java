package org.masquerelay.cli.proxy;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/// The head of a request of HTTP/1.1 (RFC 9112): its request line, as the fields say nothing that
/// matters for a tunnel.
record HttpHead(String method, String target) {
    /// Line ends included.
    static final int MAX_BYTES = 16 * 1024;

    private static final Pattern REQUEST_LINE =
            Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([!-~]+) HTTP/(\\d)\\.(\\d)");
    private static final Pattern FIELD_LINE =
            Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\\t -~\\u0080-\\u00ff]*");

    /// Reads up to the end of the head, and not a byte more.
    ///
    /// @throws HttpFault when it is malformed or too long
    /// @throws EOFException when it is cut short
    static HttpHead read(InputStream in) throws IOException {
        var lines = new Lines(in);
        String first = lines.next();
        if (first.isEmpty()) {
            first = lines.next(); // RFC 9112, section 2.2: an empty line before it is ignored.
        }
        var line = REQUEST_LINE.matcher(first);
        if (!line.matches()) {
            throw new HttpFault(400, "this is no request of HTTP/1.1");
        }
        if (!line.group(3).equals("1")) {
            throw new HttpFault(505, "only HTTP/1.1 is spoken here");
        }
        int hosts = readFields(lines);
        if (hosts > 1 || (hosts == 0 && !line.group(4).equals("0"))) {
            // RFC 9112, section 3.2.
            throw new HttpFault(400, "a request has one Host field");
        }
        return new HttpHead(line.group(1), line.group(2));
    }

    private static int readFields(Lines lines) throws IOException {
        int hosts = 0;
        for (String text = lines.next(); !text.isEmpty(); text = lines.next()) {
            var field = FIELD_LINE.matcher(text);
            if (!field.matches()) {
                // RFC 9112, section 5: also a blank before the colon, or a folded line.
                throw new HttpFault(400, "a field of the request is malformed");
            }
            hosts += field.group(1).equalsIgnoreCase("host") ? 1 : 0;
        }
        return hosts;
    }

    /// Lines that are together no longer than a head may be.
    private static final class Lines {
        private final InputStream in;
        private int left = MAX_BYTES;

        Lines(InputStream in) {
            this.in = in;
        }

        /// One line without its end, which may be a bare LF (RFC 9112, section 2.2).
        String next() throws IOException {
            var line = new StringBuilder();
            for (int b = nextByte(); b != '\n'; b = nextByte()) {
                line.append((char) b);
            }
            int end = line.length() - 1;
            if (end >= 0 && line.charAt(end) == '\r') {
                line.setLength(end);
            }
            return line.toString();
        }

        private int nextByte() throws IOException {
            if (--left < 0) {
                throw new HttpFault(431, "the head of the request is too long");
            }
            int b = in.read();
            if (b < 0) {
                throw new EOFException("the request is cut short");
            }
            return b;
        }
    }

    /// What HTTP/1.1 answers with.
    static byte[] answer(int status, String reason, String fields, String body) {
        return "HTTP/1.1 %d %s\r\n%s\r\n%s"
                .formatted(status, reason, fields, body)
                .getBytes(StandardCharsets.US_ASCII);
    }
}
