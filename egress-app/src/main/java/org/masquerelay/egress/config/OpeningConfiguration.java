package org.masquerelay.egress.config;

import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.util.concurrent.Ticker;
import java.util.Optional;
import org.masquerelay.egress.opening.LocalOpenings;
import org.masquerelay.egress.opening.OpeningCounts;
import org.masquerelay.egress.opening.OpeningLimit;
import org.masquerelay.egress.opening.Openings;
import org.masquerelay.egress.opening.SharedOpenings;
import org.masquerelay.egress.ops.OpeningMeters;
import org.masquerelay.egress.ops.OpeningsHealthIndicator;
import org.masquerelay.gate.config.RedisDriver;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnection;

/// How fast tenants may open tunnels, and what an operator sees of it.
@Configuration(proxyBeanMethods = false)
@Import(OpeningConfiguration.InRedis.class)
class OpeningConfiguration {
    private static final String SHARED = "relay.egress.limits.openings.shared";

    /// Tuning: questions under way to Redis, about 2 KB each.
    private static final int MAX_QUESTIONS = 4096;

    @Bean
    OpeningCounts openingCounts(EgressProperties relay, MeterRegistry registry) {
        var counts = new OpeningCounts();
        if (limit(relay).isPresent()) {
            OpeningMeters.register(counts, registry);
        }
        return counts;
    }

    private static Optional<OpeningLimit> limit(EgressProperties relay) {
        return relay.egress().limits().openings().toLimit();
    }

    /// A limit that is shared.
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnProperty(name = SHARED, havingValue = "redis")
    @Import(RedisDriver.class)
    static class InRedis {
        @Bean
        SharedOpenings sharedOpenings(
                EgressProperties relay, OpeningCounts counts, RedisConnectionFactory redis) {
            var limit = limit(relay).orElseThrow(); // Or there would be a sentence.
            var openings = relay.egress().limits().openings();
            return SharedOpenings.inRedis(
                    () -> commands(redis),
                    new SharedOpenings.Parts(
                            limit,
                            new LocalOpenings(limit, counts, Ticker.systemTicker()),
                            openings.keyPrefix(),
                            openings.timeout(),
                            MAX_QUESTIONS,
                            openings.whenUnavailable()),
                    counts);
        }

        /// Of the one connection that all of Spring shares; the driver dials again by itself.
        @SuppressWarnings("resource") // Closing it would give nothing back.
        private static RedisClusterAsyncCommands<byte[], byte[]> commands(
                RedisConnectionFactory redis) {
            return ((LettuceConnection) redis.getConnection()).getNativeConnection();
        }

        @Bean
        OpeningsHealthIndicator openingsHealthIndicator(SharedOpenings openings) {
            return new OpeningsHealthIndicator(openings);
        }

        @Bean
        OpeningMeters openingMeters(
                SharedOpenings openings, OpeningCounts counts, MeterRegistry registry) {
            return OpeningMeters.register(openings, counts, registry);
        }
    }

    /// A limit that is not shared, or none.
    @Bean
    @ConditionalOnMissingBean
    Openings openings(EgressProperties relay, OpeningCounts counts) {
        return limit(relay)
                .<Openings>map(limit -> new LocalOpenings(limit, counts, Ticker.systemTicker()))
                .orElse(Openings.UNLIMITED);
    }
}
