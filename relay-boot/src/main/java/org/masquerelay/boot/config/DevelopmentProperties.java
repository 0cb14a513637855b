package org.masquerelay.boot.config;

import java.nio.file.Path;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// What stands in where nothing is configured.
///
/// @param directory where the development certificates are made
public record DevelopmentProperties(
        @DefaultValue("${user.home}/.relay/development") Path directory) {}
