package org.masquerelay.boot.ops;

import org.masquerelay.boot.config.WatchedFiles;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/// Degraded while a file cannot be used, and what was read before is in force. Names each property
/// with what is wrong with its file.
final class FilesHealthIndicator implements HealthIndicator {
    private static final Status DEGRADED =
            new Status("DEGRADED", "older settings are in force than a file has");

    private final WatchedFiles files;

    FilesHealthIndicator(WatchedFiles files) {
        this.files = files;
    }

    @Override
    public Health health() {
        var problems = files.problems();
        boolean areCurrent = problems.values().stream().allMatch(String::isEmpty);
        var health = new Health.Builder(areCurrent ? Status.UP : DEGRADED);
        problems.forEach((property, problem) ->
                health.withDetail(property, problem.isEmpty() ? "current" : problem));
        return health.build();
    }
}
