package org.masquerelay.wire;

/// The Proxy-Status field (RFC 9209).
public final class ProxyStatus {
    private ProxyStatus() {}

    /// A member that reports an error.
    public static String error(String identifier, String error, String details, String rcode) {
        var text = new StringBuilder(identifier).append("; error=").append(error);
        if (!rcode.isEmpty()) {
            text.append("; rcode=\"").append(rcode).append('"');
        }
        if (!details.isEmpty()) {
            text.append("; details=\"").append(details).append('"');
        }
        return text.toString();
    }

    /// The members received, and one of our own behind them.
    public static String append(String prior, String identifier) {
        return prior.isEmpty() ? identifier : prior + ", " + identifier;
    }
}
