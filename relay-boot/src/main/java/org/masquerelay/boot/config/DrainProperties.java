package org.masquerelay.boot.config;

import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// How the relay stops.
///
/// @param timeout how long running tunnels may go on after SIGTERM
public record DrainProperties(@DefaultValue("30s") @DurationMin(nanos = 0) Duration timeout) {}
