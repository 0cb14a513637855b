package org.masquerelay.testkit;

import java.io.IOException;
import org.masquerelay.tunnel.HeaderFields;

/// One request of a [Wire] and what comes of it. Blocks.
public interface WireExchange {
    /// What a request is answered with, interim answers aside.
    sealed interface Answer {
        record Head(int status, HeaderFields fields) implements Answer {}

        /// No answer, but the end of the stream: see [WireExchange#awaitReset].
        record Reset(long code) implements Answer {}
    }

    Answer answer() throws IOException, InterruptedException;

    /// The answer's head; a reset fails the test.
    default Answer.Head head() throws IOException, InterruptedException {
        return switch (answer()) {
            case Answer.Head head -> head;
            case Answer.Reset(long code) ->
                    throw new AssertionError("reset with 0x" + Long.toHexString(code));
        };
    }

    default int status() throws IOException, InterruptedException {
        return head().status();
    }

    /// Sends content, as the peer's windows let it.
    void send(byte[] content) throws IOException, InterruptedException;

    /// Exactly so many bytes of content.
    byte[] bytes(int count) throws IOException, InterruptedException;

    /// Content up to a clean end of the peer's side.
    byte[] rest() throws IOException, InterruptedException;

    /// Ends our side cleanly.
    void finish() throws IOException, InterruptedException;

    /// Gives the request up: CANCELLED, or RST of TCP.
    void reset() throws IOException;

    /// Waits for the stream to be reset, past whatever comes before it: its error code, or -1 where
    /// TCP has none.
    long awaitReset() throws IOException, InterruptedException;

    /// The next capsule.
    default CapsuleBytes.Capsule capsule() throws IOException, InterruptedException {
        var in = this;
        try {
            return CapsuleBytes.read((CapsuleBytes.Source<Exception>) count -> in.bytes(count));
        } catch (IOException | InterruptedException | RuntimeException failure) {
            throw failure;
        } catch (Exception impossible) {
            throw new AssertionError(impossible);
        }
    }
}
