package org.masquerelay.boot.config;

import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.convert.ApplicationConversionService;

/// Binds settings as an app does.
final class Bound {
    private static final String PREFIX = "bound";

    private Bound() {}

    static <T> T to(Class<T> type, Map<String, String> settings) {
        var prefixed = new LinkedHashMap<String, String>();
        settings.forEach((name, value) -> prefixed.put(PREFIX + "." + name, value));
        var binder =
                new Binder(
                        java.util.List.of(new MapConfigurationPropertySource(prefixed)),
                        null,
                        ApplicationConversionService.getSharedInstance());
        return binder.bindOrCreate(PREFIX, type);
    }
}
