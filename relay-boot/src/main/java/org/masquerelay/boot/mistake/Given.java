package org.masquerelay.boot.mistake;

import java.util.Set;
import org.springframework.boot.context.properties.source.ConfigurationProperty;

/// What somebody set a property to, and where.
final class Given {
    private static final Set<String> SECRETS =
            Set.of("password", "passwords", "secret", "secrets", "key", "keys", "token");
    private static final int MAX_LENGTH = 80;

    private Given() {}

    /// Such as `"some" (/etc/relay/egress.yml:12)`, without the value if it may be secret.
    static String text(ConfigurationProperty property) {
        return value(property) + " (" + Place.of(property.getOrigin()) + ")";
    }

    private static String value(ConfigurationProperty property) {
        var value = String.valueOf(property.getValue());
        if (isSecret(property.getName().toString()) || hasUserInfo(value)) {
            return "what it is set to";
        }
        var shown = value.length() > MAX_LENGTH ? value.substring(0, MAX_LENGTH) + "..." : value;
        return '"' + shown + '"';
    }

    private static boolean isSecret(String name) {
        for (var word : name.split("[-.\\[\\]]", -1)) {
            if (SECRETS.contains(word)) {
                return true;
            }
        }
        return false;
    }

    /// Such as `redis://user:password@host`.
    private static boolean hasUserInfo(String value) {
        int scheme = value.indexOf("://");
        return scheme >= 0 && value.indexOf('@', scheme) >= 0;
    }
}
