package org.masquerelay.wire;

/// Text or bytes of a peer that break the rules of their format.
///
/// It has no stack trace, because a peer decides how often it is thrown. The message says which
/// rule is broken, in printable ASCII, and shows at most a short escaped piece of what the peer
/// sent. Hosts and addresses are never shown, because messages may be logged.
public final class WireFormatException extends Exception {

    private static final long serialVersionUID = 1L;

    private static final int EXCERPT_CHARS = 24;
    private static final int MESSAGE_CHARS = 200;

    public WireFormatException(String problem) {
        super(escaped(problem, MESSAGE_CHARS), null, false, false);
    }

    /// The same with the piece of text at fault, shortened and escaped.
    public WireFormatException(String problem, String culprit) {
        this(problem + ": '" + escaped(culprit, EXCERPT_CHARS) + "'");
    }

    private static String escaped(String text, int limit) {
        StringBuilder out = new StringBuilder(Math.min(text.length(), limit) + 3);
        for (int i = 0; i < text.length(); i++) {
            if (i == limit) {
                return out.append("...").toString();
            }
            char c = text.charAt(i);
            out.append(c >= 0x20 && c <= 0x7e ? c : '?');
        }
        return out.toString();
    }
}
