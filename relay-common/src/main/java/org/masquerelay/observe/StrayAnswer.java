package org.masquerelay.observe;

/// How a QUIC listener answered a packet that belongs to no connection.
public enum StrayAnswer {
    /// RFC 9000, section 6.
    VERSION_NEGOTIATION("version_negotiation"),
    /// RFC 9000, section 10.3.
    STATELESS_RESET("stateless_reset"),
    /// Not at all, because enough was answered in this second.
    SUPPRESSED("suppressed");

    private final String tag;

    StrayAnswer(String tag) {
        this.tag = tag;
    }

    /// The value of the `answer` tag.
    public String tag() {
        return tag;
    }
}
