package org.masquerelay.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.FakeTunnelStream;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.tunnel.ResetCause;

/// A passage that is of no use is closed, as somebody has paid for it, and none is opened instead.
@Timeout(30)
final class PassagesTest {
    private final EventLoops loops = EventLoops.start(2);
    private final FakeTunnelStream stream = new FakeTunnelStream();
    private final AtomicInteger paid = new AtomicInteger();
    private final CompletableFuture<Boolean> slow = new CompletableFuture<>();

    @AfterEach
    void stop() {
        loops.close();
    }

    /// Lives on the first loop.
    private Passage open() {
        paid.incrementAndGet();
        slow.join();
        return new Passage(loops.all().getFirst(), stream);
    }

    private void assertClosed() {
        var loop = loops.all().getFirst();
        Await.until(
                "it is closed",
                () ->
                        loop.submit(() -> stream.resetCause() == ResetCause.CANCELLED)
                                .syncUninterruptibly()
                                .getNow());
        assertThat(paid).hasValue(1);
    }

    @Test
    void closesOneThatNobodyWaitsForAnyMore() {
        var opened = Passages.open(this::open, loops.all().getFirst());
        Await.until("it is on its way", () -> paid.get() == 1);
        opened.cancel(false);
        slow.complete(true);
        assertClosed();
    }

    @Test
    void closesOneOfAnotherEventLoop() {
        slow.complete(true);
        var opened = Passages.open(this::open, loops.all().getLast());
        assertThatThrownBy(() -> opened.get(10, TimeUnit.SECONDS))
                .hasCauseInstanceOf(IOException.class);
        assertClosed();
    }
}
