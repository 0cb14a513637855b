package org.masquerelay.egress.resolve;

import io.netty.channel.EventLoop;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.masquerelay.egress.resolve.TargetResolver.Resolution;
import org.masquerelay.tunnel.RefusalReason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets everybody use a resolver, and nobody all of it: each asker waits for so many names at a
/// time. Used by every event loop; asked only when a tunnel opens.
public final class SharedResolver {
    /// Names that one asker waits for. Each is two questions at most, of which a loop has a
    /// thousand.
    public static final int MAX_NAMES = 128;

    private static final Logger LOG = LoggerFactory.getLogger(SharedResolver.class);
    private static final String RETRY_SECONDS = "1";

    private final TargetResolver resolver;
    private final ConcurrentHashMap<Object, Integer> waiting = new ConcurrentHashMap<>();
    private final AtomicBoolean complained = new AtomicBoolean();

    public SharedResolver(TargetResolver resolver) {
        this.resolver = resolver;
    }

    /// As [TargetResolver#resolve]; a resolver that throws has failed.
    ///
    /// @param asker whose name it is: a tenant, or where a connection comes from
    public void resolve(Object asker, String name, EventLoop loop, Consumer<Resolution> then) {
        int names = waiting.merge(asker, 1, Integer::sum);
        if (names > MAX_NAMES) {
            leave(asker);
            then.accept(
                    new Resolution.Failed(
                            RefusalReason.QUOTA_EXCEEDED
                                    .because("too many names are being resolved")
                                    .with("retry-after", RETRY_SECONDS)));
            return;
        }
        var answer = new Answer(asker, then);
        try {
            resolver.resolve(name, loop, answer);
        } catch (RuntimeException failure) {
            answer.failed(failure);
        }
    }

    private void leave(Object asker) {
        waiting.computeIfPresent(asker, (_, names) -> names == 1 ? null : names - 1);
    }

    /// Askers that wait.
    int askers() {
        return waiting.size();
    }

    /// Takes the first answer, on the loop.
    private final class Answer implements Consumer<Resolution> {
        private final Object asker;
        private final Consumer<Resolution> then;
        private boolean given;

        Answer(Object asker, Consumer<Resolution> then) {
            this.asker = asker;
            this.then = then;
        }

        @Override
        public void accept(Resolution resolution) {
            if (!given) {
                given = true;
                leave(asker);
                then.accept(resolution);
            }
        }

        void failed(RuntimeException failure) {
            if (given) {
                throw failure; // Of what came after the answer.
            }
            if (complained.compareAndSet(false, true)) { // Every tunnel would say the same.
                LOG.error(
                        "Tunnels are refused, as a TargetResolver fails: {}",
                        failure.getClass().getName());
            }
            accept(new Resolution.Failed(RefusalReason.INTERNAL.because("")));
        }
    }
}
