package org.masquerelay.wire;

/// Placeholder until the wire branch lands.
public final class UriTemplate {}
