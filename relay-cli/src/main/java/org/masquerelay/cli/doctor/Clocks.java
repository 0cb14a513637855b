package org.masquerelay.cli.doctor;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/// Whether the host knows what time it is: challenges, signatures, JWTs and certificates all end.
///
/// @param server whose `Date` (RFC 9110, section 6.6.1) is compared; empty to look whether the host
///   follows a time server
record Clocks(Optional<URI> server, HostFiles files, Duration timeout, InstantSource clock) {
    /// A `Date` has no fractions of a second, and its answer takes some time.
    private static final Duration GOOD = Duration.ofSeconds(3);

    /// Signatures of clients are accepted for 30 s.
    private static final Duration BEARABLE = Duration.ofSeconds(15);

    private static final String CHANGE = "timedatectl set-ntp true";

    Finding finding() {
        return server.map(this::compared).orElseGet(this::followed);
    }

    private Finding compared(URI uri) {
        try (var http = HttpClient.newBuilder().connectTimeout(timeout).build()) {
            var request =
                    HttpRequest.newBuilder(uri)
                            .method("HEAD", HttpRequest.BodyPublishers.noBody())
                            .timeout(timeout)
                            .build();
            var answer = http.send(request, HttpResponse.BodyHandlers.discarding());
            var date = answer.headers().firstValue("date").orElse("");
            var there = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME);
            return compared(uri.getHost(), there.toInstant(), clock.instant());
        } catch (DateTimeParseException _) {
            return Finding.warn("clock", uri.getHost() + " sends no Date", "--clock ANOTHER_URL");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return Finding.warn("clock", "interrupted", "try again");
        } catch (IOException | IllegalArgumentException e) {
            return Finding.warn(
                    "clock", uri + " cannot be asked: " + Failure.text(e), "--clock ANOTHER_URL");
        }
    }

    static Finding compared(String whose, Instant there, Instant here) {
        // A date that is not over yet is between there and one second later.
        var ahead = Duration.between(there, here);
        var off = ahead.isNegative() ? ahead.negated() : ahead;
        String what =
                "%d s %s that of %s"
                        .formatted(
                                off.toSeconds(), ahead.isNegative() ? "behind" : "ahead of", whose);
        if (off.compareTo(GOOD) <= 0) {
            return Finding.ok("clock", "as that of " + whose);
        }
        return off.compareTo(BEARABLE) > 0
                ? Finding.fail("clock", what, CHANGE)
                : Finding.warn("clock", what, CHANGE);
    }

    private Finding followed() {
        return files.exists("run/systemd/timesync/synchronized")
                ? Finding.ok("clock", "follows a time server")
                : Finding.warn(
                        "clock",
                        "not compared with any",
                        CHANGE + "   # or compare it: --clock https://example.com/");
    }
}
