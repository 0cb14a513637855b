package org.masquerelay.egress.rule;

/// A differentiated services code point (RFC 2474, section 3), with which packets to a target are
/// marked.
///
/// @param value from 0 to 63, without the two ECN bits behind it in the IP header
public record Dscp(int value) {
    private static final int MAX = 63;

    public Dscp {
        if (value < 0 || value > MAX) {
            throw new IllegalArgumentException("dscp: " + value + " (expected: 0 to 63)");
        }
    }

    /// `cs0` to `cs7` (RFC 2474), `af11` to `af43` (RFC 2597), `ef` (RFC 3246), `va` (RFC 5865),
    /// `le` (RFC 8622), `df`, or a number.
    public static Dscp parse(String text) throws RuleFormatException {
        return switch (text) {
            case "df" -> new Dscp(0);
            case "le" -> new Dscp(1);
            case "va" -> new Dscp(44);
            case "ef" -> new Dscp(46);
            default -> numbered(text);
        };
    }

    private static Dscp numbered(String text) throws RuleFormatException {
        if (text.matches("cs[0-7]")) {
            return new Dscp(digit(text, 2) << 3);
        }
        if (text.matches("af[1-4][1-3]")) {
            return new Dscp(digit(text, 2) << 3 | digit(text, 3) << 1);
        }
        if (text.matches("0|[1-9][0-9]?") && Integer.parseInt(text) <= MAX) {
            return new Dscp(Integer.parseInt(text));
        }
        throw new RuleFormatException(
                "the DSCP is none of cs0 to cs7, af11 to af43, ef, va, le, df and 0 to 63");
    }

    private static int digit(String text, int index) {
        return text.charAt(index) - '0';
    }
}
