package org.masquerelay.observe;

import java.util.concurrent.atomic.LongAdder;

/// Payload bytes of all tunnels with the same [TunnelTags], counted as they pass.
///
/// @param in from the client
/// @param out to the client
public record Traffic(LongAdder in, LongAdder out) {
    public Traffic() {
        this(new LongAdder(), new LongAdder());
    }
}
