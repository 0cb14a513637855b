package org.masquerelay.egress.config;

import org.springframework.boot.context.properties.bind.DefaultValue;

/// What each tenant may reach.
///
/// @param file with lines of tenant, protocol, destination, ports and DSCP; left out, the rules for
///   all are all there is
public record PolicyProperties(@DefaultValue("") String file) {}
