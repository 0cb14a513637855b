package org.masquerelay.cli.bench;

import org.masquerelay.tunnel.HttpVersion;

/// The HTTP versions of a run.
///
/// @param client between the load generator and the first relay
/// @param upstream between the two relays
public record HopVersions(HttpVersion client, HttpVersion upstream) {}
