package org.masquerelay.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.util.LeakPresenceDetector;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.testkit.H3Bytes;
import org.masquerelay.testkit.RawH3Client;
import org.masquerelay.testkit.RawH3Stream;
import org.masquerelay.transport.ConnectionSettings;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.StreamEnd;

/// Bytes of TCP tunnels.
@Timeout(60)
final class H3BytesTest {
    private TestFront front;
    private RawH3Client client;

    @BeforeEach
    void open() throws Exception {
        front = TestFront.echoing();
        // A narrow window, so that the answer has to wait for the client again and again.
        var narrow =
                new ConnectionSettings(
                        1452, 32 << 10, 64 << 10, 10, ConnectionSettings.STANDARD.idleTimeout());
        client =
                RawH3Client.connect(
                        front.address(),
                        TestFront.clientTls(),
                        narrow,
                        RawH3Client.datagramSettings());
    }

    @AfterEach
    void close() {
        client.close();
        front.close();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    private RawH3Stream tunnel() throws Exception {
        var stream = client.request(Heads.tcp());
        assertThat(stream.status()).isEqualTo(200);
        return stream;
    }

    // FIN that overtakes queued writes would be a short answer that looks whole.
    @Test
    void finishesBehindAllThatASlowReaderHasNotTakenYet() throws Exception {
        var content = new byte[3 << 20];
        new Random(42).nextBytes(content);
        var stream = tunnel();
        stream.pause();
        for (int from = 0; from < content.length; from += 64 << 10) {
            stream.data(Arrays.copyOfRange(content, from, from + (64 << 10)));
        }
        stream.fin();
        stream.resume();
        assertThat(stream.rest()).isEqualTo(content);
        assertThat(front.service().nextEnd()).isEqualTo(StreamEnd.FINISHED);
    }

    @Test
    void readsADataFrameThatPacketsCutAnywhere() throws Exception {
        var stream = tunnel();
        var frame = H3Bytes.data("hello".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        while (frame.isReadable()) {
            stream.send(Unpooled.copiedBuffer(frame.readSlice(1)));
        }
        assertThat(stream.text(5)).isEqualTo("hello");
    }

    @Test
    void carriesNothingForEmptyFrames() throws Exception {
        var stream = tunnel();
        stream.data("");
        stream.data("x");
        stream.data("");
        assertThat(stream.text(1)).isEqualTo("x");
        stream.fin();
        assertThat(stream.rest()).isEmpty();
    }

    @DisplayName("R4 9114 4.4: a field section on a tunnel is H3_FRAME_UNEXPECTED")
    @Test
    void resetsOnTrailers() throws Exception {
        var stream = tunnel();
        stream.send(H3Bytes.headers("trailer", "1"));
        assertThat(stream.resetCode()).isEqualTo(ResetCause.FRAME_UNEXPECTED.h3Code());
        assertThat(front.service().nextEnd()).isEqualTo(StreamEnd.RESET);
    }

    @Test
    void endsWhenTheClientResets() throws Exception {
        var stream = tunnel();
        stream.data("hello");
        assertThat(stream.text(5)).isEqualTo("hello");
        stream.reset(0x10c);
        assertThat(front.service().nextEnd()).isEqualTo(StreamEnd.RESET);
    }

    @Test
    void resetsWhenContentDoesNotMatchItsLength() throws Exception {
        var stream = client.request(Heads.tcp("content-length", "3"));
        assertThat(stream.status()).isEqualTo(200);
        stream.data("more than three");
        assertThat(stream.resetCode()).isNotNegative();
        assertThat(front.service().nextEnd()).isEqualTo(StreamEnd.RESET);
    }

    @Test
    void closesTheConnectionOnFramesThatBelongOnOtherStreams() throws Exception {
        var stream = tunnel();
        stream.send(H3Bytes.frame(0x04, Unpooled.buffer())); // SETTINGS
        assertThat(client.closeCode()).isEqualTo(ResetCause.FRAME_UNEXPECTED.h3Code());
        assertThat(front.service().nextEnd()).isEqualTo(StreamEnd.RESET);
    }
}
