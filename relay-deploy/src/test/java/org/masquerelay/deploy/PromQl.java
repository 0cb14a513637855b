package org.masquerelay.deploy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// Enough of PromQL to say which series an expression asks for.
final class PromQl {
    private static final Set<String> WORDS =
            Set.of("by", "or", "and", "unless", "on", "ignoring", "group_left", "without", "bool");

    private static final Pattern GROUPING =
            Pattern.compile("\\b(by|on|ignoring|without|group_left)\\s*\\([^)]*\\)");
    private static final Pattern RANGE = Pattern.compile("\\[[^]]*]");

    /// Of a function; what labels are compared with is behind an operator.
    private static final Pattern TEXT_ARGUMENT = Pattern.compile("(?<=[(,])\\s*\"[^\"]*\"");

    private static final Pattern SELECTOR =
            Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)\\s*(?:(\\()|\\{([^}]*)})?");
    private static final Pattern MATCHER =
            Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)\\s*(=~|!~|!=|=)\\s*\"([^\"]*)\"");

    private PromQl() {}

    /// A metric, and what its labels have to be.
    record Selector(String metric, List<Matcher> matchers) {
        boolean selects(Series series) {
            return series.metric().equals(metric)
                    && matchers.stream().allMatch(one -> one.matches(series.labels()));
        }
    }

    record Matcher(String label, String operator, String value) {
        boolean matches(Map<String, String> labels) {
            var actual = labels.getOrDefault(label, "");
            return switch (operator) {
                case "=" -> actual.equals(value);
                case "!=" -> !actual.equals(value);
                case "=~" -> actual.matches(value);
                case "!~" -> !actual.matches(value);
                default -> throw new IllegalArgumentException(operator);
            };
        }
    }

    /// One line of a scrape.
    record Series(String metric, Map<String, String> labels) {}

    /// Labels that Prometheus or Grafana adds are left out.
    static List<Selector> selectors(String expression) {
        var text = expression;
        for (var noise : List.of(GROUPING, RANGE, TEXT_ARGUMENT)) {
            text = noise.matcher(text).replaceAll(" ");
        }
        var all = new ArrayList<Selector>();
        SELECTOR.matcher(text)
                .results()
                .filter(found -> found.group(2) == null && !WORDS.contains(found.group(1)))
                .forEach(found ->
                        all.add(
                                new Selector(
                                        found.group(1),
                                        matchers(found.group(3) == null ? "" : found.group(3)))));
        return all;
    }

    private static List<Matcher> matchers(String text) {
        return MATCHER.matcher(text)
                .results()
                .map(found -> new Matcher(found.group(1), found.group(2), found.group(3)))
                .filter(one -> !Set.of("job", "instance").contains(one.label()))
                .toList();
    }

    static List<Series> series(String scrape) {
        return scrape.lines()
                .filter(line -> !line.startsWith("#"))
                .flatMap(line -> SELECTOR.matcher(line).results().limit(1))
                .map(found -> {
                    var labels = new HashMap<String, String>();
                    if (found.group(3) != null) {
                        matchers(found.group(3))
                                .forEach(one -> labels.put(one.label(), one.value()));
                    }
                    return new Series(found.group(1), labels);
                })
                .toList();
    }
}
