package org.masquerelay.boot.mistake;

import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.boot.origin.SystemEnvironmentOrigin;
import org.springframework.boot.origin.TextResourceOrigin;
import org.springframework.core.env.CommandLinePropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.Resource;

/// Where somebody set a property.
final class Place {
    private Place() {}

    /// Such as `/etc/relay/egress.yml:12`, `environment variable RELAY_PROFILE` or `command line`.
    static String of(@Nullable Origin origin) {
        return switch (origin) {
            case null -> "not in a file";
            case TextResourceOrigin text -> file(text);
            case SystemEnvironmentOrigin variable ->
                    "environment variable " + variable.getProperty();
            case PropertySourceOrigin source when source.getOrigin() != null ->
                    of(Objects.requireNonNull(source.getOrigin()));
            case PropertySourceOrigin source -> source(source);
            default -> origin.toString();
        };
    }

    private static String source(PropertySourceOrigin origin) {
        return switch (origin.getPropertySource().getName()) {
            case CommandLinePropertySource.COMMAND_LINE_PROPERTY_SOURCE_NAME -> "command line";
            case StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME ->
                    "system property " + origin.getPropertyName();
            default -> origin.getPropertySource().getName();
        };
    }

    private static String file(TextResourceOrigin origin) {
        var resource = origin.getResource();
        var name = resource == null ? "a file" : name(resource);
        var location = origin.getLocation();
        return location == null ? name : name + ":" + (location.getLine() + 1);
    }

    private static String name(Resource resource) {
        try {
            if (resource.isFile()) {
                return resource.getFile().getPath();
            }
        } catch (IOException _) {
            // Then it is in a jar.
        }
        return resource.getFilename() + " of the app";
    }
}
