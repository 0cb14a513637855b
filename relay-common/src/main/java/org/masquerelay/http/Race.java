package org.masquerelay.http;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
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
/// Confined to one event loop. `T` is what is won, `F` says why a leg has failed.
public final class Race<T, F> {
    private final EventLoop loop;
    private final Runner<T, F> runner;
    private final Finish<T, F> finish;
    private final Queue<Transports.Entry> waiting;
    private final List<Leg> running = new ArrayList<>();
    private final List<Future<?>> timers = new ArrayList<>();
    private @Nullable F firstFailure;
    private boolean over;

    /// Runs one leg.
    public interface Runner<T, F> {
        /// Starts over `version`. What is returned cancels the leg.
        Runnable start(HttpVersion version, Outcome<T, F> outcome);
    }

    /// Hears how one leg ended: one call of one method.
    public interface Outcome<T, F> {
        /// False when another leg has won before: then `result` is the caller's to undo.
        boolean won(T result);

        /// The relay has answered, and its answer is no; further legs would hear the same.
        void refused(F refusal);

        void failed(F failure);
    }

    /// Hears how the race ended: one call of one method.
    public interface Finish<T, F> {
        void won(T result);

        /// With what the first leg that ended says.
        void lost(F failure);
    }

    private Race(EventLoop loop, Transports transports, Runner<T, F> runner, Finish<T, F> finish) {
        this.loop = loop;
        this.runner = runner;
        this.finish = finish;
        this.waiting = new ArrayDeque<>(transports.entries());
    }

    /// Starts a race. What is returned ends it without a winner and without a word.
    public static <T, F> Runnable start(
            EventLoop loop, Transports transports, Runner<T, F> runner, Finish<T, F> finish) {
        var race = new Race<T, F>(loop, transports, runner, finish);
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

    private final class Leg implements Outcome<T, F> {
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
        public void refused(F refusal) {
            if (end()) {
                waiting.clear();
                firstFailure = refusal; // An answer says more than a connection that failed.
                lost(refusal);
            }
        }

        @Override
        public void failed(F failure) {
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

    private void lost(F failure) {
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
