package org.masquerelay.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.ResetCause;

/// A request for a tunnel over any HTTP version, and the tunnel it became: what a test does on each
/// version alike. Blocks.
public interface RawTunnel {
    /// The head of an answer, interim ones included.
    record Head(int status, HeaderFields fields) {
        /// Whether the answer opened a tunnel, which an upgrade of HTTP/1.1 says with 101.
        public boolean opens() {
            return status == 101 || (status >= 200 && status < 300);
        }
    }

    Head awaitHead() throws Exception;

    void send(byte[] bytes) throws Exception;

    default void send(String text) throws Exception {
        send(text.getBytes(UTF_8));
    }

    /// FIN, END_STREAM, or close_notify.
    void finish() throws Exception;

    /// RESET_STREAM, RST_STREAM, or RST.
    void reset() throws Exception;

    /// Exactly so many bytes of content.
    byte[] awaitBytes(int count) throws Exception;

    default String awaitText(int count) throws Exception {
        return new String(awaitBytes(count), UTF_8);
    }

    /// Reads content up to an orderly end.
    byte[] awaitEnd() throws Exception;

    /// Waits until the relay has reset the tunnel, and says so with the code of `cause` where there
    /// are codes: HTTP/1.1 only has the end of TCP without close_notify.
    void awaitReset(ResetCause cause) throws Exception;
}
