package org.masquerelay.egress.opening;

import io.github.bucket4j.ConsumptionProbe;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.masquerelay.tunnel.Tenant;

/// Buckets that several egresses share in one Redis, with a policy for the time it is away.
///
/// Asks on the event loop of the tunnel and blocks nowhere; answers come on the driver's threads
/// and go back to the loop. While it is known that there is no answer nothing is asked, so nothing
/// piles up.
public final class SharedOpenings implements Openings, AutoCloseable {
    private final LocalOpenings here;
    private final OpeningCounts counts;
    private final WhenUnavailable policy;
    private final int maxQuestions;
    private final RedisLink link;
    private final AtomicInteger questions = new AtomicInteger();

    /// What it is made of.
    ///
    /// @param here the same limit by this relay alone
    /// @param keyPrefix what the keys begin with: ASCII
    /// @param timeout for each answer of Redis
    /// @param maxQuestions under way at a time; beyond them the policy decides
    public record Parts(
            OpeningLimit limit,
            LocalOpenings here,
            String keyPrefix,
            Duration timeout,
            int maxQuestions,
            WhenUnavailable whenUnavailable) {}

    private SharedOpenings(Parts parts, OpeningCounts counts, RedisLink link) {
        this.here = parts.here;
        this.counts = counts;
        this.policy = parts.whenUnavailable;
        this.maxQuestions = parts.maxQuestions;
        this.link = link;
    }

    /// Starts to connect; until that is done, Redis counts as away.
    ///
    /// @param connect gives the commands of a connection that comes back by itself; called on a
    ///   virtual thread, where it may block, and again if it fails
    public static SharedOpenings inRedis(
            Callable<RedisClusterAsyncCommands<byte[], byte[]>> connect,
            Parts parts,
            OpeningCounts counts) {
        var link =
                new RedisLink(
                        () ->
                                new RedisBuckets(
                                        connect.call(),
                                        parts.limit,
                                        parts.keyPrefix,
                                        parts.timeout),
                        parts.whenUnavailable,
                        counts,
                        InstantSource.system());
        link.probe();
        return new SharedOpenings(parts, counts, link);
    }

    @Override
    public void take(Tenant tenant, EventLoop loop, Consumer<Turn> then) {
        var buckets = link.buckets();
        if (buckets == null || !mayAsk()) {
            then.accept(withoutAnswer(tenant, loop));
            return;
        }
        var _ =
                buckets.take(tenant)
                        .whenComplete((probe, failure) -> {
                            questions.decrementAndGet();
                            if (failure != null) {
                                link.failed(failure);
                            }
                            answered(tenant, loop, probe, then);
                        });
    }

    private boolean mayAsk() {
        if (questions.incrementAndGet() <= maxQuestions) {
            return true;
        }
        questions.decrementAndGet();
        return false;
    }

    /// On the driver's thread.
    private void answered(
            Tenant tenant, EventLoop loop, @Nullable ConsumptionProbe probe, Consumer<Turn> then) {
        try {
            loop.execute(
                    () -> then.accept(probe == null ? withoutAnswer(tenant, loop) : turn(probe)));
        } catch (RejectedExecutionException _) {
            then.accept(Turn.Gone.INSTANCE);
        }
    }

    private Turn turn(ConsumptionProbe probe) {
        return probe.isConsumed()
                ? Turn.Granted.INSTANCE
                : counts.refuse(probe.getNanosToWaitForRefill());
    }

    private Turn withoutAnswer(Tenant tenant, EventLoop loop) {
        return switch (policy) {
            case FAIL_CLOSED -> Turn.Unknown.INSTANCE;
            case FAIL_OPEN -> {
                counts.unchecked();
                yield here.take(tenant, loop);
            }
        };
    }

    /// Asks Redis whether it answers; blocks for the time-out of an answer at most.
    public boolean answers() {
        return link.answers();
    }

    /// Since when Redis has not answered; empty while it does.
    public Optional<Instant> awaySince() {
        return Optional.ofNullable(link.awaySince());
    }

    public WhenUnavailable policy() {
        return policy;
    }

    /// Questions under way.
    int questions() {
        return questions.get();
    }

    /// Stops asking; the connection is somebody else's.
    @Override
    public void close() {
        link.close();
    }
}
