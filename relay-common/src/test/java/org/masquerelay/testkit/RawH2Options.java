package org.masquerelay.testkit;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// What a [RawH2Client] does by itself.
///
/// @param alpn the application protocols it offers
/// @param settings identifiers and values in turn, for the SETTINGS frame it starts with
public record RawH2Options(
        List<String> alpn, Opening opening, List<Long> settings, Set<Automatic> automatic) {
    /// Offers "h2", starts as it should, wants no push, and answers all that asks for an answer.
    public static final RawH2Options STANDARD =
            new RawH2Options(
                    List.of("h2"),
                    Opening.PREFACE_AND_SETTINGS,
                    List.of(0x02L, 0L),
                    EnumSet.allOf(Automatic.class));

    /// What is written at once after the handshake of TLS.
    public enum Opening {
        PREFACE_AND_SETTINGS,
        PREFACE,
        NOTHING
    }

    /// What is written without being told.
    public enum Automatic {
        SETTINGS_ACK,
        PING_ACK,
        /// As many bytes as a DATA frame had, for its stream and for the connection.
        WINDOW_UPDATE
    }

    public RawH2Options {
        alpn = List.copyOf(alpn);
        settings = List.copyOf(settings);
        automatic = Set.copyOf(automatic);
    }

    public RawH2Options withAlpn(String... protocols) {
        return new RawH2Options(List.of(protocols), opening, settings, automatic);
    }

    /// Anything but the usual opening also turns off all that is automatic, as its answers would
    /// come first.
    public RawH2Options opening(Opening opening) {
        return new RawH2Options(
                alpn,
                opening,
                settings,
                opening == Opening.PREFACE_AND_SETTINGS ? automatic : Set.of());
    }

    /// Identifiers and values in turn, instead of the usual ones.
    public RawH2Options withSettings(long... identifiersAndValues) {
        var settings = Arrays.stream(identifiersAndValues).boxed().toList();
        return new RawH2Options(alpn, opening, settings, automatic);
    }

    public RawH2Options without(Automatic... unwanted) {
        var fewer = EnumSet.noneOf(Automatic.class);
        fewer.addAll(automatic);
        fewer.removeAll(List.of(unwanted));
        return new RawH2Options(alpn, opening, settings, fewer);
    }

    long[] settingsArray() {
        return settings.stream().mapToLong(Long::longValue).toArray();
    }
}
