package org.masquerelay.egress.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.egress.resolve.TargetResolver.Resolution;

@Timeout(30)
final class SharedResolverTest {
    private static final Resolution FOUND =
            new Resolution.Found(List.of(InetAddress.ofLiteral("192.0.2.1")));

    private final EventLoop loop = new EmbeddedChannel().eventLoop();
    private final Deque<Consumer<Resolution>> asked = new ArrayDeque<>();
    private final List<Resolution> told = new ArrayList<>();
    private final SharedResolver shared = new SharedResolver(new Silent());

    /// Answers when the test says so.
    private final class Silent implements TargetResolver {
        @Override
        public void resolve(String name, EventLoop loop, Consumer<Resolution> then) {
            if (name.equals("broken.test")) {
                throw new IllegalStateException("no resolver");
            }
            asked.add(then);
        }

        @Override
        public void close() {}
    }

    private void ask(String asker, String name) {
        shared.resolve(asker, name, loop, told::add);
    }

    private int lastStatus() {
        return told.getLast() instanceof Resolution.Failed(var refusal) ? refusal.status() : 200;
    }

    @Test
    void lastsForEverybodyThoughOneAsksForAll() {
        for (int i = 0; i < SharedResolver.MAX_NAMES; i++) {
            ask("alice", "name" + i + ".test");
        }
        assertThat(told).isEmpty();
        ask("alice", "one.more.test");
        assertThat(lastStatus()).isEqualTo(429);
        ask("bob", "name.test");
        assertThat(asked).hasSize(SharedResolver.MAX_NAMES + 1);
        asked.removeFirst().accept(FOUND);
        assertThat(told).hasSize(2).last().isEqualTo(FOUND);
        ask("alice", "one.more.test");
        assertThat(told).hasSize(2);
        while (!asked.isEmpty()) {
            asked.removeFirst().accept(FOUND);
        }
        assertThat(shared.askers()).isZero();
    }

    @Test
    void takesAnExceptionForAFailure() {
        ask("alice", "broken.test");
        assertThat(lastStatus()).isEqualTo(500);
        assertThat(shared.askers()).isZero();
    }

    @Test
    void takesTheFirstAnswerAlone() {
        ask("alice", "name.test");
        ask("alice", "other.test");
        asked.getFirst().accept(FOUND);
        asked.removeFirst().accept(FOUND);
        assertThat(told).hasSize(1);
        assertThat(shared.askers()).isEqualTo(1);
    }
}
