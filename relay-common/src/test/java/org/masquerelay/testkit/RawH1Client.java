package org.masquerelay.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HeaderField;
import org.masquerelay.tunnel.HeaderFields;

/// An HTTP/1.1 client over TLS that writes what a test tells it, right or wrong, and reads only
/// when asked, so that a peer can be made to wait. Blocks.
public final class RawH1Client implements AutoCloseable {
    private static final String END_OF_HEAD = "\r\n\r\n";
    private static final int MAX_HEAD = 1 << 20;

    private final RawTls tls;

    /// A head as it came, line by line, without the empty line.
    public record Head(List<String> lines) {
        public String statusLine() {
            return lines.getFirst();
        }

        /// The status, which follows the version.
        public int status() {
            return Integer.parseInt(statusLine().split(" ", 3)[1]);
        }

        /// The field lines in order, names in lower case.
        public HeaderFields fields() {
            return new HeaderFields(lines.stream().skip(1).map(Head::field).toList());
        }

        private static HeaderField field(String line) {
            int colon = line.indexOf(':');
            if (colon < 0) {
                throw new AssertionError("no field line: " + line);
            }
            return new HeaderField(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
    }

    private RawH1Client(RawTls tls) {
        this.tls = tls;
    }

    /// A connection for "http/1.1".
    public static RawH1Client connect(InetSocketAddress address, TlsMaterial tls)
            throws IOException {
        return connect(address, tls, List.of("http/1.1"));
    }

    /// A connection that offers these application protocols, which may be none.
    public static RawH1Client connect(InetSocketAddress address, TlsMaterial tls, List<String> alpn)
            throws IOException {
        return new RawH1Client(RawTls.connect(address, tls, alpn));
    }

    /// The other end of a connection: reads requests and writes answers.
    static RawH1Client over(RawTls tls) {
        return new RawH1Client(tls);
    }

    /// The connection below, to be ended in every way.
    public RawTls tls() {
        return tls;
    }

    public void send(byte[] bytes) throws IOException {
        tls.send(bytes);
    }

    /// Sends one byte for each character.
    public void send(String text) throws IOException {
        send(RawBytes.latin1(text));
    }

    /// Sends a head of these lines, and the empty line.
    public void request(String... lines) throws IOException {
        send(String.join("\r\n", lines) + "\r\n\r\n");
    }

    /// Reads the next head, up to its empty line.
    public Head awaitHead() throws IOException {
        var head = new StringBuilder();
        while (head.indexOf(END_OF_HEAD, head.length() - END_OF_HEAD.length()) < 0) {
            var next = tls.read(1);
            if (next.length == 0 || head.length() == MAX_HEAD) {
                throw new AssertionError("no head, but " + head.length() + " bytes, " + tls.end());
            }
            head.append((char) (next[0] & 0xff));
        }
        head.setLength(head.length() - END_OF_HEAD.length());
        return new Head(List.of(head.toString().split("\r\n", -1)));
    }

    public int awaitStatus() throws IOException {
        return awaitHead().status();
    }

    /// Exactly so many bytes of what follows.
    public byte[] awaitBytes(int count) throws IOException {
        var bytes = tls.read(count);
        if (bytes.length < count) {
            throw new AssertionError(bytes.length + " of " + count + " bytes, then " + end());
        }
        return bytes;
    }

    public String awaitText(int count) throws IOException {
        return new String(awaitBytes(count), ISO_8859_1);
    }

    /// Everything up to the end, of whatever kind; [#awaitEnd] then says which.
    public byte[] rest() throws IOException {
        var all = new ByteArrayOutputStream();
        for (var next = tls.readSome(); next.length > 0; next = tls.readSome()) {
            all.writeBytes(next);
        }
        return all.toByteArray();
    }

    /// Reads past whatever comes up to the end, and says how it came.
    public TlsEnd awaitEnd() throws IOException {
        rest();
        return end();
    }

    private TlsEnd end() {
        var end = tls.end();
        if (end == null) {
            throw new AssertionError("the connection is open");
        }
        return end;
    }

    /// Ends our side cleanly: close_notify and FIN. The peer's side can still be read.
    public void finish() throws IOException {
        tls.finish();
    }

    /// RST.
    public void reset() throws IOException {
        tls.reset();
    }

    @Override
    public void close() {
        tls.close();
    }
}
