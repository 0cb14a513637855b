package org.masquerelay.gate.config;

import io.lettuce.core.resource.Delay;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.data.redis.autoconfigure.ClientResourcesBuilderCustomizer;
import org.springframework.boot.data.redis.autoconfigure.LettuceClientOptionsBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// How the driver behaves at the Redis of `spring.data.redis`, whatever is kept there.
@Configuration(proxyBeanMethods = false)
public class RedisDriver {
    /// Tuning: questions under way to Redis, and those that wait while the driver dials again.
    private static final int MAX_QUESTIONS = 16_384;

    private static final Duration FIRST_RECONNECT = Duration.ofMillis(10);
    private static final Duration LAST_RECONNECT = Duration.ofSeconds(2);

    @Bean
    static LettuceClientOptionsBuilderCustomizer boundedQuestions() {
        return options -> options.requestQueueSize(MAX_QUESTIONS);
    }

    /// The driver's own delay grows to half a minute, for which nobody would enter.
    @Bean
    static ClientResourcesBuilderCustomizer promptReconnects() {
        return resources ->
                resources.reconnectDelay(
                        Delay.fullJitter(
                                FIRST_RECONNECT, LAST_RECONNECT, 1, TimeUnit.MILLISECONDS));
    }
}
