package org.masquerelay.gate.config;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.gate.config.SpentProperties.Store;
import org.masquerelay.gate.spent.SharedSpentTokens;
import org.masquerelay.gate.spent.SpentTokensHealthIndicator;
import org.masquerelay.gate.spent.SpentTokensMeters;
import org.masquerelay.token.ChallengeWindows;
import org.masquerelay.token.InMemorySpentTokens;
import org.masquerelay.token.SpentTokenStore;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;

/// Where spent tokens are remembered, and what an operator sees of it.
@Configuration(proxyBeanMethods = false)
@Import(RedisDriver.class)
class SpentTokensConfiguration {
    /// The clocks of ingresses that share their tokens may differ by so much.
    private static final Duration CLOCK_MARGIN = Duration.ofMinutes(1);

    @Bean
    @ConditionalOnMissingBean
    SpentTokenStore spentTokenStore(
            AuthProperties auth,
            ChallengeWindows windows,
            ObjectProvider<ReactiveRedisConnectionFactory> redis) {
        var here = new InMemorySpentTokens(auth.maxSpentTokens(), windows::isLive);
        boolean sharesChallenges = !auth.challengeSecret().isBlank();
        if (auth.spent().store() == Store.MEMORY) {
            if (sharesChallenges) {
                throw new BadSettingException(
                        ChallengeSecret.PROPERTY,
                        "is set although a restart forgets which tokens are spent",
                        "Leave it out, or set relay.auth.spent.store to redis");
            }
            return here;
        }
        if (!sharesChallenges) {
            throw new BadSettingException(
                    ChallengeSecret.PROPERTY,
                    "is empty although relay.auth.spent.store is redis, so the tokens of one ingress"
                            + " would be worth nothing at another",
                    "Set it to the same on all of them, such as what openssl rand -base64 32 prints");
        }
        return SharedSpentTokens.inRedis(
                redis.getObject(),
                new SharedSpentTokens.Parts(
                        here,
                        () -> windows.maxAge().plus(CLOCK_MARGIN),
                        auth.spent().keyPrefix(),
                        auth.spent().timeout(),
                        auth.spent().whenUnavailable()));
    }

    @Bean
    SpentTokensHealthIndicator spentTokensHealthIndicator(SpentTokenStore store) {
        return new SpentTokensHealthIndicator(store);
    }

    @Bean
    SpentTokensMeters spentTokensMeters(SpentTokenStore store, MeterRegistry registry) {
        return SpentTokensMeters.register(store, registry);
    }
}
