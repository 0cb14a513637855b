package org.masquerelay.egress.opening;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.distributed.AsyncBucketProxy;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.proxy.AsyncProxyManager;
import io.github.bucket4j.distributed.proxy.optimization.Optimizations;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce.LettuceBasedProxyManagerBuilder;
import io.github.bucket4j.redis.lettuce.RedisApi;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.masquerelay.token.Base64Url;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.tunnel.Tenant;

/// Bucket4j's buckets in Redis: a key for each tenant and limit, changed by compare-and-set, gone
/// by itself when the bucket is full.
///
/// What is asked for a tenant while a question of its is under way is asked with the next one, so
/// that relays compete for a bucket and tunnels do not. Nothing blocks. Any thread.
final class RedisBuckets {
    /// So long a full bucket stays, for who opens tunnels again and again.
    private static final Duration KEPT_FULL = Duration.ofSeconds(10);

    private final RedisClusterAsyncCommands<byte[], byte[]> redis;
    private final AsyncProxyManager<byte[]> buckets;
    private final BucketConfiguration configuration;
    private final OpeningLimit limit;
    private final String keyPrefix;
    private final Duration timeout;
    private final ConcurrentHashMap<Tenant, Asked> asked = new ConcurrentHashMap<>();

    /// A bucket that questions are under way to.
    private record Asked(AsyncBucketProxy bucket, int questions) {}

    RedisBuckets(
            RedisClusterAsyncCommands<byte[], byte[]> redis,
            OpeningLimit limit,
            String keyPrefix,
            Duration timeout) {
        this.redis = redis;
        this.limit = limit;
        this.keyPrefix = keyPrefix;
        this.timeout = timeout;
        this.buckets =
                new LettuceBasedProxyManagerBuilder<>(new Commands<>(redis))
                        .requestTimeout(timeout)
                        .expirationAfterWrite(
                                ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(
                                        KEPT_FULL))
                        .build()
                        .asAsync();
        this.configuration =
                BucketConfiguration.builder()
                        .addLimit(bandwidth ->
                                bandwidth
                                        .capacity(limit.tunnels())
                                        .refillGreedy(limit.tunnels(), limit.per()))
                        .build();
    }

    /// Takes a tunnel out of the tenant's bucket, or says how long it is to wait. Fails when there
    /// is no answer in time; what was asked may be done all the same.
    CompletableFuture<ConsumptionProbe> take(Tenant tenant) {
        var bucket =
                asked.compute(
                                tenant,
                                (_, under) ->
                                        under == null
                                                ? new Asked(bucket(tenant), 1)
                                                : new Asked(under.bucket, under.questions + 1))
                        .bucket;
        return bucket.tryConsumeAndReturnRemaining(1)
                .orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS)
                .whenComplete((_, _) -> answered(tenant));
    }

    private void answered(Tenant tenant) {
        asked.computeIfPresent(
                tenant,
                (_, under) ->
                        under.questions == 1 ? null : new Asked(under.bucket, under.questions - 1));
    }

    private AsyncBucketProxy bucket(Tenant tenant) {
        return buckets.builder()
                .withOptimization(Optimizations.batching())
                .build(
                        key(tenant).getBytes(US_ASCII),
                        () -> CompletableFuture.completedFuture(configuration));
    }

    /// Shows no name. A bucket keeps the limit it was made with, so another limit is another key.
    private String key(Tenant tenant) {
        var named = limit.tunnels() + "/" + limit.per().toMillis() + "/" + tenant.id();
        var hash = ImmutableBytes.sha256Of(named.getBytes(UTF_8));
        return keyPrefix + Base64Url.encode(hash.toArray());
    }

    /// Fails when there is no answer in time.
    CompletableFuture<String> ping() {
        return redis.ping()
                .toCompletableFuture()
                .orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    /// What Bucket4j asks of Redis, whether that is one server or a cluster.
    ///
    /// @param <K> `byte[]`; Bucket4j makes arrays of keys that are none of `byte[][]`
    private record Commands<K>(RedisClusterAsyncCommands<K, byte[]> redis) implements RedisApi<K> {
        @Override
        public <V> RedisFuture<V> eval(
                String script, ScriptOutputType type, K[] keys, byte[][] values) {
            return redis.eval(script, type, keys, values);
        }

        @Override
        public RedisFuture<byte[]> get(K key) {
            return redis.get(key);
        }

        @Override
        @SuppressWarnings("unchecked") // One key.
        public RedisFuture<?> delete(K key) {
            return redis.del(key);
        }
    }
}
