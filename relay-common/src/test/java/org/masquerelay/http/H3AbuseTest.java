package org.masquerelay.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.buffer.Unpooled;
import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.H3Bytes;
import org.masquerelay.transport.ConnectionSettings;
import org.slf4j.LoggerFactory;

/// Clients of HTTP/3 that cost more than they should, beside a tunnel of somebody else.
@Timeout(60)
final class H3AbuseTest {
    private static final int H3_EXCESSIVE_LOAD = 0x107;
    private static final int H3_REQUEST_CANCELLED = 0x10c;

    private AbuseFront front;
    private HealthyTunnel healthy;

    private final Logger rootLogger = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void open() throws Exception {
        log.start();
        rootLogger.addAppender(log);
        // A close of a client may be lost.
        var impatient = ConnectionSettings.STANDARD.withIdleTimeout(Duration.ofSeconds(5));
        front = AbuseFront.open(AbuseFront.standard().with(impatient));
        healthy = HealthyTunnel.overH3(front);
    }

    @AfterEach
    void close() throws Exception {
        front.awaitTunnels(1);
        Await.until("hostile connections are gone", () -> front.listener().openConnections() == 1);
        healthy.close();
        front.close();
        rootLogger.detachAppender(log);
        // Otherwise whoever wants to fills the log.
        assertThat(log.list)
                .filteredOn(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                .isEmpty();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    @Test
    @DisplayName("a field section of a megabyte closes its connection, and memory stays flat")
    void fieldSectionOfAMegabyte() throws Exception {
        var value = "x".repeat(1 << 20);
        healthy.keepsItsPaceBeside(() -> {
            try (var client = front.connectH3()) {
                client.request(AbuseFront.connect(AbuseService.ECHO, "x", value));
                assertThat(client.closeCode()).isEqualTo(H3_EXCESSIVE_LOAD);
            }
        });
    }

    @Test
    @DisplayName("more than 100 fields get 431")
    void manyFields() throws Exception {
        var fields = new String[2 * 101];
        java.util.Arrays.fill(fields, "x");
        healthy.keepsItsPaceBeside(() -> {
            try (var client = front.connectH3()) {
                var crowded = client.request(AbuseFront.connect(AbuseService.ECHO, fields));
                assertThat(crowded.status()).isEqualTo(431);
                var next = client.request(AbuseFront.connect(AbuseService.ECHO));
                assertThat(next.status()).isEqualTo(200);
            }
        });
    }

    @Test
    @DisplayName("rapid reset: what was opened is closed again")
    void rapidReset() throws Exception {
        healthy.keepsItsPaceBeside(() -> {
            try (var client = front.connectH3()) {
                for (int i = 0; i < 400 && client.isOpen(); i++) {
                    client.request(AbuseFront.connect(AbuseService.ECHO))
                            .reset(H3_REQUEST_CANCELLED);
                }
            } catch (IOException _) {
                // Closed.
            }
        });
    }

    // RFC 9204, section 3.2.3: the table is off.
    @ParameterizedTest
    @CsvSource({
        "a capacity above what was announced, 023fe11f, 0x201",
        "an increment of nothing, 0300, 0x202"
    })
    @DisplayName("QPACK instructions for a table that is off close the connection")
    void instructionsOfQpack(String what, String stream, String code) throws Exception {
        healthy.keepsItsPaceBeside(() -> {
            try (var client = front.connectMuteH3()) {
                client.unidirectional(H3Bytes.controlStream(0x33, 1));
                client.unidirectional(H3Bytes.hex(stream));
                assertThat(client.closeCode()).as(what).isEqualTo(Integer.decode(code));
            }
        });
    }

    // RFC 9204, section 2.2.3: QPACK_DECOMPRESSION_FAILED.
    @Test
    @DisplayName("a field section that names the dynamic table closes the connection")
    void fieldSectionThatNamesTheDynamicTable() throws Exception {
        healthy.keepsItsPaceBeside(() -> {
            try (var client = front.connectH3()) {
                var stream = client.open();
                stream.send(H3Bytes.frame(0x01, H3Bytes.hex("020080")));
                assertThat(client.closeCode()).isEqualTo(0x200);
            }
        });
    }

    @Test
    @DisplayName("an encoder stream whose string never ends is not stored")
    void endlessStringOnTheEncoderStream() throws Exception {
        healthy.keepsItsPaceBeside(() -> {
            try (var client = front.connectMuteH3()) {
                client.unidirectional(H3Bytes.controlStream(0x33, 1));
                // Insert with a literal name (section 4.3.3) of two gigabytes.
                var start = H3Bytes.hex("025fffffffff07");
                client.unidirectional(
                        Unpooled.wrappedBuffer(start, Unpooled.wrappedBuffer(new byte[8 << 20])));
                client.closeCode();
            } catch (IOException _) {
                // Stays open, and waits for credit that does not come.
            }
        });
    }
}
