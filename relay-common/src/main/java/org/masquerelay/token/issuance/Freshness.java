package org.masquerelay.token.issuance;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What a response says about how long it may be kept ([RFC 9111, sections
/// 4.2.1](https://datatracker.ietf.org/doc/html/rfc9111#section-4.2.1) and 4.2.3), for a cache that
/// serves nobody else.
///
/// @param cacheControl the values of Cache-Control
/// @param expires the value of Expires
/// @param age the value of Age
public record Freshness(List<String> cacheControl, Optional<String> expires, Optional<String> age) {
    private static final String MAX_AGE = "max-age=";
    private static final int MAX_DIGITS = 10;

    public Freshness {
        cacheControl = List.copyOf(cacheControl);
    }

    public static Freshness of(String cacheControl) {
        return new Freshness(List.of(cacheControl), Optional.empty(), Optional.empty());
    }

    public static Freshness unsaid() {
        return new Freshness(List.of(), Optional.empty(), Optional.empty());
    }

    /// How long from now it is fresh; empty if nothing is said. Zero for what may not be kept, and
    /// for what cannot be read.
    Optional<Duration> lifetime(Instant now) {
        var directives =
                cacheControl.stream()
                        .flatMap(value -> List.of(value.split(",", -1)).stream())
                        .map(directive -> directive.strip().toLowerCase(Locale.ROOT))
                        .toList();
        if (directives.stream().anyMatch(Freshness::forbidsKeeping)) {
            return Optional.of(Duration.ZERO);
        }
        var maxAge = directives.stream().filter(one -> one.startsWith(MAX_AGE)).findFirst();
        if (maxAge.isPresent()) {
            var lifetime = seconds(maxAge.get().substring(MAX_AGE.length()).replace("\"", ""));
            return Optional.of(remaining(lifetime.minus(seconds(age.orElse("0")))));
        }
        return expires.map(text -> remaining(Duration.between(now, date(text, now))));
    }

    private static boolean forbidsKeeping(String directive) {
        return directive.equals("no-store")
                || directive.equals("no-cache")
                || directive.startsWith("no-cache=");
    }

    private static Duration remaining(Duration lifetime) {
        return lifetime.isNegative() ? Duration.ZERO : lifetime;
    }

    private static Duration seconds(String text) {
        String number = text.strip();
        boolean digits = !number.isEmpty() && number.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!digits) {
            return Duration.ZERO;
        }
        // RFC 9111, section 1.2.2: what is too large is taken for the largest.
        return number.length() > MAX_DIGITS
                ? Duration.ofSeconds(Integer.MAX_VALUE)
                : Duration.ofSeconds(Long.parseLong(number));
    }

    private static Instant date(String text, Instant otherwise) {
        try {
            return ZonedDateTime.parse(text.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
        } catch (DateTimeException e) {
            return otherwise;
        }
    }
}
