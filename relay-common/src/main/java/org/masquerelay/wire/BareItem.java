package org.masquerelay.wire;

import java.util.Base64;
import java.util.Optional;

/// A value of a structured field: what items and parameters carry ([RFC 9651, section
/// 3.3](https://datatracker.ietf.org/doc/html/rfc9651#section-3.3)).
public sealed interface BareItem {

    record Bool(boolean value) implements BareItem {}

    record Whole(long value) implements BareItem {
        public Whole {
            if (value > StructuredFields.MAX_INTEGER || value < -StructuredFields.MAX_INTEGER) {
                throw new IllegalArgumentException("integer: more than 15 digits");
            }
        }
    }

    /// Text as the application sees it, without quotes and escapes.
    record Text(String value) implements BareItem {}

    record Token(String value) implements BareItem {
        public Token {
            if (!StructuredFields.isToken(value)) {
                throw new IllegalArgumentException("token: must start with a letter or '*'");
            }
        }
    }

    /// A decimal, byte sequence, date or display string, kept in the one notation that RFC 9651,
    /// section 4.1, gives it.
    ///
    /// Only the parser makes one from text, so the notation is well-formed.
    final class Verbatim implements BareItem {
        private final String notation;

        Verbatim(String notation) {
            this.notation = notation;
        }

        /// A byte sequence.
        public static Verbatim ofBytes(byte[] bytes) {
            return new Verbatim(":" + Base64.getEncoder().encodeToString(bytes) + ":");
        }

        public String notation() {
            return notation;
        }

        /// The bytes, if this is a byte sequence.
        public Optional<byte[]> bytes() {
            return notation.startsWith(":")
                    ? Optional.of(
                            Base64.getDecoder()
                                    .decode(notation.substring(1, notation.length() - 1)))
                    : Optional.empty();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Verbatim that && notation.equals(that.notation);
        }

        @Override
        public int hashCode() {
            return notation.hashCode();
        }

        @Override
        public String toString() {
            return "Verbatim[" + notation + "]";
        }
    }
}
