package org.masquerelay.it;

import java.util.Arrays;
import java.util.List;
import org.masquerelay.testkit.ManagementPort;
import org.springframework.core.env.Environment;

/// What `/actuator/prometheus` of a relay says at one moment.
record Scrape(List<String> lines) {
    static Scrape of(Environment relay) throws Exception {
        int port = Integer.parseInt(relay.getRequiredProperty("local.server.port"));
        var answer = new ManagementPort(port).get("/actuator/prometheus");
        if (answer.statusCode() != 200) {
            throw new AssertionError("status " + answer.statusCode());
        }
        return new Scrape(answer.body().lines().filter(line -> !line.startsWith("#")).toList());
    }

    /// The sum of the series of a name that have these labels, each as `name="value"`; fails if
    /// there is none.
    double sum(String name, String... labels) {
        var found = series(name, labels);
        if (found.isEmpty()) {
            throw new AssertionError("no series: " + name + Arrays.toString(labels));
        }
        return found.stream()
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    List<String> series(String name, String... labels) {
        return lines.stream()
                .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                .filter(line -> Arrays.stream(labels).allMatch(line::contains))
                .toList();
    }
}
