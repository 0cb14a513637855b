package org.masquerelay.http;

import org.masquerelay.tunnel.Peer;

/// Answers ordinary requests; called on a virtual thread, may block.
@FunctionalInterface
public interface PlainResource {
    PlainResponse answer(PlainRequest request, Peer peer);
}
