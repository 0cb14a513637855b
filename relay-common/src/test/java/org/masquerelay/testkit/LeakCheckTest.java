package org.masquerelay.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.LeakPresenceDetector;
import org.junit.jupiter.api.Test;

/// The leak check at the end of other tests finds what it is there for.
final class LeakCheckTest {
    @Test
    void findsABufferThatNobodyReleased() {
        var buffer = ByteBufAllocator.DEFAULT.directBuffer(64);
        assertThatThrownBy(LeakPresenceDetector::check).isNotNull();
        buffer.release();
        // What was reported as lost counts as one too few when it comes back; then all is even.
        assertThatThrownBy(LeakPresenceDetector::check).hasMessageContaining("negative");
        LeakPresenceDetector.check();
    }
}
