package org.masquerelay.egress.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.testkit.Await;

@Timeout(30)
final class AccessWriterTest {
    private static final AccessLine LINE = new AccessLine(Map.of("id", "1"));

    private final List<AccessLine> written = new CopyOnWriteArrayList<>();

    @Test
    void countsLinesThatDoNotFitAndHoldsNobodyUp() throws Exception {
        var held = new CountDownLatch(1);
        var slow = new CountDownLatch(1);
        var writer =
                new AccessWriter(line -> {
                    held.countDown();
                    awaitQuietly(slow);
                    written.add(line);
                });
        writer.write(LINE);
        held.await();
        for (int i = 0; i < AccessWriter.MAX_QUEUED + 7; i++) {
            writer.write(LINE);
        }
        assertThat(writer.dropped()).isEqualTo(7);
        slow.countDown();
        writer.close();
        assertThat(written).hasSize(AccessWriter.MAX_QUEUED + 1);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void goesOnAfterALineThatCannotBeWritten() {
        try (var writer =
                new AccessWriter(line -> {
                    if (line.fields().isEmpty()) {
                        throw new IllegalStateException("a bad appender");
                    }
                    written.add(line);
                })) {
            writer.write(new AccessLine(Map.of()));
            writer.write(LINE);
            Await.until("the second line", () -> !written.isEmpty());
            assertThat(writer.dropped()).isOne();
        }
    }

    @Test
    void writesWhatIsLeftWhenItIsClosed() {
        var writer = new AccessWriter(written::add);
        for (int i = 0; i < 100; i++) {
            writer.write(LINE);
        }
        writer.close();
        assertThat(written).hasSize(100);
    }
}
