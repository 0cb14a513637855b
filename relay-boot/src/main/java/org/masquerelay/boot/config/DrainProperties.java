package org.masquerelay.boot.config;

import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// How long what runs may go on when the relay, or the connection of a client, ends.
///
/// @param timeout how long running tunnels may go on once a drain has begun, before a relay that
///   stops ends them
/// @param connectionTimeout how long what a client has sent may take to reach its target once the
///   connection of the client is lost
public record DrainProperties(
        @DefaultValue("20s") @DurationMin(nanos = 0) Duration timeout,
        @DefaultValue("10s") @DurationMin(nanos = 0) Duration connectionTimeout) {}
