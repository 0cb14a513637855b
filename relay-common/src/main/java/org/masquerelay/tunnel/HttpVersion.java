package org.masquerelay.tunnel;

/// The HTTP version a tunnel is carried over on one hop.
public enum HttpVersion {
    H1("h1"),
    H2("h2"),
    H3("h3");

    private final String tag;

    HttpVersion(String tag) {
        this.tag = tag;
    }

    /// The value of the `transport` tag of meters and logs.
    public String tag() {
        return tag;
    }
}
