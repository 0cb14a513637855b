package org.masquerelay.cli.doctor;

/// What a check has come to.
///
/// @param check what was looked at
/// @param found what is there
/// @param change a command or a sentence that says what to change; empty when there is nothing
public record Finding(Mark mark, String check, String found, String change) {
    /// How good it is.
    public enum Mark {
        OK("ok"),
        /// The relay works, though not as well as it could.
        WARN("warn"),
        /// The relay cannot do what it is to do.
        FAIL("FAIL");

        private final String text;

        Mark(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    static Finding ok(String check, String found) {
        return new Finding(Mark.OK, check, found, "");
    }

    static Finding warn(String check, String found, String change) {
        return new Finding(Mark.WARN, check, found, change);
    }

    static Finding fail(String check, String found, String change) {
        return new Finding(Mark.FAIL, check, found, change);
    }
}
