package org.masquerelay.transport;

import io.netty.channel.unix.Errors.NativeIoException;
import org.masquerelay.observe.DropReason;

/// Why the kernel did not take a datagram.
final class DatagramFailure {
    /// Linux: longer than the path is known to take. After an ICMP "packet too big" this is said
    /// once for the datagram that it is about.
    private static final int EMSGSIZE = 90;

    private DatagramFailure() {}

    static DropReason reason(Throwable cause) {
        return cause instanceof NativeIoException failure && -failure.expectedErr() == EMSGSIZE
                ? DropReason.TOO_LARGE
                : DropReason.CONGESTED;
    }
}
