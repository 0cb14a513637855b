package org.masquerelay.boot.config;

import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// How the relay stops.
///
/// @param timeout how long running tunnels may go on once a drain has begun, before a relay that
///   stops ends them
public record DrainProperties(@DefaultValue("20s") @DurationMin(nanos = 0) Duration timeout) {}
