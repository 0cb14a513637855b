package org.masquerelay.egress.config;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import org.masquerelay.egress.access.AccessLog;
import org.masquerelay.egress.access.SampledAccessLog;
import org.masquerelay.egress.ops.AccessLogMeters;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// The access log, from the configuration. Closed after the relay.
@Configuration(proxyBeanMethods = false)
class AccessLogConfiguration {
    @Bean
    AccessLog accessLog(EgressProperties relay, MeterRegistry registry) {
        var properties = relay.egress().accessLog();
        var settings = properties.toSettings();
        if (!properties.enabled()) {
            return AccessLog.OFF;
        }
        var log = new SampledAccessLog(settings, InstantSource.system());
        AccessLogMeters.register(log, registry);
        return log;
    }
}
