package org.masquerelay.gate.spent;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.redis.connection.ReactiveRedisConnection;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;
import org.springframework.data.redis.connection.ReturnType;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/// Claims in Redis: a key per token whose value is the owner, gone by itself when the challenge has
/// ended.
///
/// Spring's connection factory blocks while it connects, so that happens on a thread of its own;
/// afterwards the driver keeps the connection, and dials again by itself.
final class RedisClaims implements SharedClaims {
    private static final Logger LOG = LoggerFactory.getLogger(RedisClaims.class);

    private static final ByteBuffer TAKE =
            bytes(
                    """
                    local owner = redis.call('GET', KEYS[1])
                    if not owner then
                      redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
                      return 1
                    end
                    if owner == ARGV[1] then return 1 end
                    return 0
                    """);
    private static final ByteBuffer FREE =
            bytes(
                    """
                    if redis.call('GET', KEYS[1]) == ARGV[1] then
                      return redis.call('DEL', KEYS[1])
                    end
                    return 0
                    """);

    private final ReactiveRedisConnectionFactory factory;
    private final Duration timeout;
    private final AtomicReference<@Nullable ReactiveRedisConnection> connection =
            new AtomicReference<>();

    RedisClaims(ReactiveRedisConnectionFactory factory, Duration timeout) {
        this.factory = factory;
        this.timeout = timeout;
    }

    @Override
    public Mono<Boolean> take(Claim claim) {
        return connected()
                .flatMap(redis ->
                        redis.scriptingCommands()
                                .<Long>eval(
                                        TAKE.duplicate(),
                                        ReturnType.INTEGER,
                                        1,
                                        bytes(claim.key()),
                                        bytes(claim.owner()),
                                        bytes(Long.toString(claim.life().toMillis())))
                                .single())
                .map(taken -> taken == 1)
                .timeout(timeout);
    }

    @Override
    public Mono<Void> free(Claim claim) {
        return connected()
                .flatMapMany(redis ->
                        redis.scriptingCommands()
                                .<Long>eval(
                                        FREE.duplicate(),
                                        ReturnType.INTEGER,
                                        1,
                                        bytes(claim.key()),
                                        bytes(claim.owner())))
                .then()
                .timeout(timeout);
    }

    @Override
    public Mono<Void> reach() {
        return Mono.defer(() -> connection.get() == null ? connect() : connected())
                .flatMap(redis -> redis.ping().timeout(timeout))
                .then();
    }

    private Mono<ReactiveRedisConnection> connected() {
        return Mono.fromSupplier(connection::get)
                .switchIfEmpty(Mono.error(() -> new IllegalStateException("not connected")));
    }

    /// Takes as long as `spring.data.redis.connect-timeout` allows.
    private Mono<ReactiveRedisConnection> connect() {
        return Mono.fromCallable(factory::getReactiveConnection)
                .subscribeOn(Schedulers.boundedElastic())
                .doOnNext(connection::set)
                .flatMap(redis -> warnOfEviction(redis).thenReturn(redis));
    }

    /// A Redis that makes room by forgetting keys lets tokens be spent twice.
    private Mono<Void> warnOfEviction(ReactiveRedisConnection redis) {
        return redis.serverCommands()
                .info("memory")
                .timeout(timeout)
                .doOnNext(memory -> {
                    String policy = memory.getProperty("maxmemory_policy", "noeviction");
                    if (!policy.equals("noeviction")) {
                        LOG.warn(
                                "The Redis of spent tokens has maxmemory-policy {}: when it is"
                                        + " full it forgets tokens, and they pass again. Set it to"
                                        + " noeviction",
                                policy);
                    }
                })
                .onErrorComplete()
                .then();
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(US_ASCII)).asReadOnlyBuffer();
    }
}
