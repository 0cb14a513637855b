package org.masquerelay.client;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.masquerelay.tunnel.HttpVersion;

/// Tries one thing over several HTTP versions, the preferred one first and each other one after its
/// delay, or as soon as those before it have failed. The first that gets through wins, and all
/// others are cancelled.
///
/// Confined to one event loop.
final class Race<T> {
    private final EventLoop loop;
    private final Runner<T> runner;
    private final Finish<T> finish;
    private final Queue<Transports.Entry> waiting;
    private final List<Leg> running = new ArrayList<>();
    private final List<Future<?>> timers = new ArrayList<>();
    private @Nullable IOException firstFailure;
    private boolean over;

    /// Runs one leg.
    interface Runner<T> {
        /// Starts over `version`. What is returned cancels the leg.
        Runnable start(HttpVersion version, Outcome<T> outcome);
    }

    /// Hears how one leg ended: one call of one method.
    interface Outcome<T> {
        /// False when another leg has won before: then `result` is the caller's to undo.
        boolean won(T result);

        /// The relay has answered, and its answer is no; further legs would hear the same.
        void refused(IOException refusal);

        void failed(IOException failure);
    }

    /// Hears how the race ended: one call of one method.
    interface Finish<T> {
        void won(T result);

        /// With what the first leg that ended says.
        void lost(IOException failure);
    }

    private Race(EventLoop loop, Transports transports, Runner<T> runner, Finish<T> finish) {
        this.loop = loop;
        this.runner = runner;
        this.finish = finish;
        this.waiting = new ArrayDeque<>(transports.entries());
    }

    /// Starts a race. What is returned ends it without a winner and without a word.
    static <T> Runnable start(
            EventLoop loop, Transports transports, Runner<T> runner, Finish<T> finish) {
        var race = new Race<T>(loop, transports, runner, finish);
        for (var entry : transports.entries()) {
            long delay = entry.delay().toMillis();
            if (delay > 0) {
                race.timers.add(loop.schedule(() -> race.due(entry), delay, TimeUnit.MILLISECONDS));
            } else {
                race.due(entry);
            }
        }
        return race::cancel;
    }

    private void due(Transports.Entry entry) {
        if (!over && waiting.remove(entry)) {
            new Leg().run(entry.version());
        }
    }

    private final class Leg implements Outcome<T> {
        private Runnable cancel = () -> {};
        private boolean ended;

        void run(HttpVersion version) {
            running.add(this);
            cancel = runner.start(version, this);
        }

        @Override
        public boolean won(T result) {
            if (!end()) {
                return false;
            }
            stop();
            finish.won(result);
            return true;
        }

        @Override
        public void refused(IOException refusal) {
            if (end()) {
                waiting.clear();
                lost(refusal);
            }
        }

        @Override
        public void failed(IOException failure) {
            if (end()) {
                lost(failure);
            }
        }

        private boolean end() {
            boolean first = !ended && !over;
            ended = true;
            running.remove(this);
            return first;
        }
    }

    private void lost(IOException failure) {
        if (firstFailure == null) {
            firstFailure = failure;
        }
        if (!running.isEmpty()) {
            return;
        }
        var next = waiting.peek();
        if (next == null) {
            stop();
            finish.lost(firstFailure);
        } else {
            // Not from within the leg that has just failed.
            loop.execute(() -> due(next));
        }
    }

    private void stop() {
        over = true;
        timers.forEach(timer -> timer.cancel(false));
        var losers = List.copyOf(running);
        running.clear();
        losers.forEach(leg -> leg.cancel.run());
    }

    private void cancel() {
        if (!over) {
            stop();
        }
    }
}
