package org.masquerelay.observe;

/// The payload of one tunnel that has passed.
///
/// @param bytesIn from the client
/// @param bytesOut to the client
/// @param datagramsIn from the client; 0 for a tunnel of bytes
/// @param datagramsOut to the client
public record Passed(long bytesIn, long bytesOut, long datagramsIn, long datagramsOut) {}
