package org.masquerelay.boot.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;

final class RelayDefaultsTest {
    static class Nothing {}

    @Test
    void keepsTheResolverFromWritingNamesOfTargetsDown() {
        try (var _ =
                new SpringApplicationBuilder(Nothing.class).web(WebApplicationType.NONE).run()) {
            var logger = LoggerFactory.getLogger("io.netty.resolver.dns.DnsQueryContext");
            assertThat(logger.isWarnEnabled()).isFalse();
            assertThat(logger.isErrorEnabled()).isTrue();
        }
    }
}
