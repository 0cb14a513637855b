package org.masquerelay.boot.mistake;

import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.function.Function;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;

/// Between what a value has to be.
///
/// @param least as it would be set, or null for none
/// @param most as it would be set, or null for none
record Bounds(@Nullable String least, @Nullable String most) {
    static final Bounds NONE = new Bounds(null, null);

    static Bounds of(Field field) {
        var least =
                first(
                        in(field.getAnnotation(Min.class), min -> Long.toString(min.value())),
                        in(field.getAnnotation(DecimalMin.class), DecimalMin::value),
                        in(field.getAnnotation(DurationMin.class), Bounds::text));
        var most =
                first(
                        in(field.getAnnotation(Max.class), max -> Long.toString(max.value())),
                        in(field.getAnnotation(DecimalMax.class), DecimalMax::value),
                        in(field.getAnnotation(DurationMax.class), Bounds::text));
        return new Bounds(least, most);
    }

    /// The end of a sentence, or nothing.
    String text() {
        if (least != null && most != null) {
            return " from " + least + " to " + most;
        }
        return least != null
                ? " of " + least + " or more"
                : most != null ? " of up to " + most : "";
    }

    private static <A> @Nullable String in(@Nullable A annotation, Function<A, String> bound) {
        return annotation == null ? null : bound.apply(annotation);
    }

    private static @Nullable String first(@Nullable String... bounds) {
        for (var bound : bounds) {
            if (bound != null) {
                return bound;
            }
        }
        return null;
    }

    private static String text(DurationMin min) {
        return text(
                Duration.ofDays(min.days())
                        .plusHours(min.hours())
                        .plusMinutes(min.minutes())
                        .plusSeconds(min.seconds())
                        .plusMillis(min.millis())
                        .plusNanos(min.nanos()));
    }

    private static String text(DurationMax max) {
        return text(
                Duration.ofDays(max.days())
                        .plusHours(max.hours())
                        .plusMinutes(max.minutes())
                        .plusSeconds(max.seconds())
                        .plusMillis(max.millis())
                        .plusNanos(max.nanos()));
    }

    /// As it would be set: in the largest unit of which it is a whole number.
    private static String text(Duration bound) {
        if (bound.toMillisPart() != 0) {
            return bound.toMillis() + "ms";
        }
        long seconds = bound.toSeconds();
        if (seconds == 0 || seconds % 60 != 0) {
            return seconds + "s";
        }
        if (seconds % 3600 != 0) {
            return seconds / 60 + "m";
        }
        return seconds % 86400 == 0 ? seconds / 86400 + "d" : seconds / 3600 + "h";
    }
}
