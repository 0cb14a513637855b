package org.masquerelay.transport;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;

/// Work put off to the end of an event loop's turn, when all that the kernel had ready has been
/// read.
///
/// A turn reads many packets for many tunnels; sending what they cause in one go per connection
/// costs one system call where there would be dozens. Nothing waits longer than the turn. One per
/// event loop, confined to it.
public final class EndOfTurn {
    private final EventLoop loop;
    private final Runnable turnEnds = this::run;
    private List<Task> due = new ArrayList<>();
    private List<Task> running = new ArrayList<>();
    private boolean scheduled;

    /// What a connection or a stream does once per turn.
    public interface Task {
        void endOfTurn();
    }

    EndOfTurn(EventLoop loop) {
        this.loop = loop;
    }

    /// Runs `task` once at the end of this turn. The caller remembers that it has asked, and asks
    /// once a turn.
    public void add(Task task) {
        assert loop.inEventLoop();
        due.add(task);
        if (!scheduled) {
            scheduled = true;
            loop.execute(turnEnds);
        }
    }

    private void run() {
        scheduled = false;
        var tasks = due;
        due = running;
        running = tasks;
        int next = 0;
        try {
            while (next < tasks.size()) {
                tasks.get(next++).endOfTurn();
            }
        } finally {
            // A task that fails does not take the others down: they have the next turn.
            for (; next < tasks.size(); next++) {
                add(tasks.get(next));
            }
            tasks.clear();
        }
    }
}
