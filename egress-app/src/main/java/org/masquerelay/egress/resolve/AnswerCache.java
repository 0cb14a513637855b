package org.masquerelay.egress.resolve;

import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.masquerelay.dns.DnsAnswer;
import org.masquerelay.dns.Question;

/// Remembers answers for as long as they say, within bounds, and forgets those that were used least
/// lately when it is full. Confined to one event loop.
final class AnswerCache {
    private final ResolverSettings.Cache bounds;
    private final Ticker ticker;
    private final Map<Question, Kept> entries;

    private record Kept(DnsAnswer answer, long expiresNanos) {}

    /// @param capacity answers, at most; 0 remembers nothing
    AnswerCache(ResolverSettings.Cache bounds, int capacity, Ticker ticker) {
        this.bounds = bounds;
        this.ticker = ticker;
        this.entries =
                new LinkedHashMap<>(16, 0.75f, true) {
                    private static final long serialVersionUID = 1;

                    @Override
                    protected boolean removeEldestEntry(Map.Entry<Question, Kept> eldest) {
                        return size() > capacity;
                    }
                };
    }

    @Nullable DnsAnswer get(Question question) {
        var entry = entries.get(question);
        if (entry == null) {
            return null;
        }
        if (entry.expiresNanos() - ticker.nanoTime() <= 0) {
            entries.remove(question);
            return null;
        }
        return entry.answer();
    }

    void put(Question question, DnsAnswer answer) {
        var life = life(answer);
        if (life.isPositive()) {
            entries.put(question, new Kept(answer, ticker.nanoTime() + life.toNanos()));
        }
    }

    private Duration life(DnsAnswer answer) {
        return switch (answer) {
            case DnsAnswer.Addresses(_, long ttl) -> bounded(ttl);
            case DnsAnswer.Services(_, long ttl) -> bounded(ttl);
            case DnsAnswer.NoData(long ttl) ->
                    shorter(Duration.ofSeconds(ttl), bounds.negativeTtl());
            case DnsAnswer.NoName(long ttl) ->
                    shorter(Duration.ofSeconds(ttl), bounds.negativeTtl());
            case DnsAnswer.Failed _ -> Duration.ZERO;
        };
    }

    private Duration bounded(long ttlSeconds) {
        var said = Duration.ofSeconds(ttlSeconds);
        return shorter(longer(said, bounds.minTtl()), bounds.maxTtl());
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) <= 0 ? one : other;
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    int size() {
        return entries.size();
    }
}
