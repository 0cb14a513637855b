package org.masquerelay.boot.ops;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.masquerelay.boot.config.WatchedFiles;

/// Whether what is in force is what the files have.
final class FileMeters implements MeterBinder {
    private final WatchedFiles files;

    FileMeters(WatchedFiles files) {
        this.files = files;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (var property : files.problems().keySet()) {
            Gauge.builder("masque.files.current", files, all -> isCurrent(all, property))
                    .tag("file", property)
                    .description("1 while what is in force is that of the files, otherwise 0")
                    .register(registry);
        }
    }

    private static double isCurrent(WatchedFiles files, String property) {
        return "".equals(files.problems().get(property)) ? 1 : 0;
    }
}
