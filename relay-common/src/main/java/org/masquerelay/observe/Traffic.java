package org.masquerelay.observe;

import java.util.concurrent.atomic.LongAdder;

/// Payload of all tunnels with the same [TunnelTags], counted as it passes.
///
/// @param in bytes from the client
/// @param out bytes to the client
/// @param datagramsIn from the client
/// @param datagramsOut to the client
public record Traffic(LongAdder in, LongAdder out, LongAdder datagramsIn, LongAdder datagramsOut) {
    public Traffic() {
        this(new LongAdder(), new LongAdder(), new LongAdder(), new LongAdder());
    }
}
