package org.masquerelay.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.LeakPresenceDetector;
import org.junit.jupiter.api.Test;

/// The leak check at the end of other tests finds what it is there for.
final class LeakCheckTest {
    @Test
    void findsABufferThatNobodyReleased() {
        var buffer = ByteBufAllocator.DEFAULT.directBuffer(64);
        assertThatThrownBy(LeakPresenceDetector::check)
                .satisfies(leak ->
                        assertThat(leak.getSuppressed()[0].getStackTrace())
                                .as("the place that allocated it")
                                .anyMatch(LeakCheckTest::isHere));
        buffer.release();
        // What was reported as lost counts as one too few when it comes back; then all is even.
        assertThatThrownBy(LeakPresenceDetector::check).hasMessageContaining("negative");
        LeakPresenceDetector.check();
    }

    private static boolean isHere(StackTraceElement place) {
        return place.getClassName().equals(LeakCheckTest.class.getName());
    }
}
