package org.masquerelay.wire;

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

    /// A decimal, byte sequence, date or display string, kept in its own notation.
    ///
    /// Only the parser makes one, so the notation is well-formed.
    final class Verbatim implements BareItem {
        private final String notation;

        Verbatim(String notation) {
            this.notation = notation;
        }

        public String notation() {
            return notation;
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
