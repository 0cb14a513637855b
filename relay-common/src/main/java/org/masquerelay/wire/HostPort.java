package org.masquerelay.wire;

/// A host, as a name or as an address literal without brackets, and a port from 1 to 65535.
public record HostPort(String host, int port) {}
