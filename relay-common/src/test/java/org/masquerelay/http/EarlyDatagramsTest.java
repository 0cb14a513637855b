package org.masquerelay.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.LeakPresenceDetector;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.observe.DropReason;
import org.masquerelay.testkit.CountingListener;

@Timeout(30)
final class EarlyDatagramsTest {
    private final CountingListener listener = new CountingListener();
    private final EarlyDatagrams early = new EarlyDatagrams(listener);

    @AfterEach
    void close() {
        early.close();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    private void hold(long quarterId, int content) {
        early.hold(quarterId, ByteBufAllocator.DEFAULT.directBuffer(1).writeByte(content));
    }

    private List<Integer> deliver(long quarterId) {
        var delivered = new ArrayList<Integer>();
        early.deliver(
                quarterId,
                (ByteBuf datagram) -> {
                    delivered.add((int) datagram.readByte());
                    datagram.release();
                });
        return delivered;
    }

    @Test
    void deliversToEachStreamItsOwnInOrderAndOnce() {
        hold(5, 1);
        hold(6, 2);
        hold(5, 3);
        assertThat(deliver(7)).isEmpty();
        assertThat(deliver(5)).containsExactly(1, 3);
        assertThat(deliver(5)).isEmpty();
        assertThat(deliver(6)).containsExactly(2);
        assertThat(listener.dropped()).isZero();
    }

    @Test
    void keepsTheNewestSixteen() {
        for (int i = 0; i < 20; i++) {
            hold(1, i);
        }
        assertThat(listener.drops(DropReason.EARLY_OVERFLOW)).isEqualTo(4);
        assertThat(deliver(1))
                .containsExactly(4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19);
    }

    @Test
    void fillsPlacesThatBecameFree() {
        for (int i = 0; i < 16; i++) {
            hold(i % 2, i);
        }
        assertThat(deliver(0)).hasSize(8);
        hold(3, 100);
        assertThat(listener.dropped()).isZero();
        assertThat(deliver(3)).containsExactly(100);
        assertThat(deliver(1)).containsExactly(1, 3, 5, 7, 9, 11, 13, 15);
    }

    @Test
    void letsGoOfAllWhenTheConnectionEnds() {
        hold(1, 1);
        early.close();
        assertThat(deliver(1)).isEmpty();
    }
}
