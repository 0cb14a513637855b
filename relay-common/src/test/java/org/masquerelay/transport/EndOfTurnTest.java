package org.masquerelay.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class EndOfTurnTest {
    private final EventLoops loops = EventLoops.start(1);
    private final EventLoop loop = loops.all().getFirst();
    private final EndOfTurn endOfTurn = loops.endOfTurn(loop);
    private final List<String> ran = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        loops.close();
    }

    private void onLoop(Runnable task) throws Exception {
        loop.submit(task).get(10, TimeUnit.SECONDS);
    }

    @Test
    void runsTasksAfterThisTurnInOrder() throws Exception {
        onLoop(() -> {
            endOfTurn.add(() -> ran.add("one"));
            endOfTurn.add(() -> ran.add("two"));
            ran.add("turn");
        });
        onLoop(() -> {});
        assertThat(ran).containsExactly("turn", "one", "two");
    }

    @Test
    void runsEachTaskOncePerAsking() throws Exception {
        EndOfTurn.Task task = () -> ran.add("task");
        for (int i = 0; i < 3; i++) {
            onLoop(() -> endOfTurn.add(task));
        }
        onLoop(() -> {});
        assertThat(ran).hasSize(3);
    }

    @Test
    void leavesToTheNextTurnWhatATaskAsksFor() throws Exception {
        onLoop(() -> {
            endOfTurn.add(() -> {
                ran.add("first");
                endOfTurn.add(() -> ran.add("later"));
            });
            endOfTurn.add(() -> ran.add("second"));
        });
        onLoop(() -> {});
        onLoop(() -> {});
        assertThat(ran).containsExactly("first", "second", "later");
    }

    @Test
    void runsTheOtherTasksWhenOneFails() throws Exception {
        onLoop(() -> {
            endOfTurn.add(() -> {
                throw new IllegalStateException("a task's own mistake");
            });
            endOfTurn.add(() -> ran.add("other"));
        });
        onLoop(() -> {});
        onLoop(() -> endOfTurn.add(() -> ran.add("next")));
        onLoop(() -> {});
        assertThat(ran).containsExactly("other", "next");
    }
}
