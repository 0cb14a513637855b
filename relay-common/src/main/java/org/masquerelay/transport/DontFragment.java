package org.masquerelay.transport;

import io.netty.channel.unix.IntegerUnixChannelOption;

/// Linux's IP_MTU_DISCOVER, which Netty does not know: whether IPv4 packets may be fragmented.
final class DontFragment {
    private static final int IPPROTO_IP = 0;
    private static final int IP_MTU_DISCOVER = 10;

    static final IntegerUnixChannelOption OPTION =
            new IntegerUnixChannelOption("IP_MTU_DISCOVER", IPPROTO_IP, IP_MTU_DISCOVER);

    /// The same of IPv6, where only the sender could fragment: IPV6_MTU_DISCOVER.
    static final IntegerUnixChannelOption V6_OPTION =
            new IntegerUnixChannelOption("IPV6_MTU_DISCOVER", 41, 23);

    /// Don't fragment, and refuse what is longer than the path is known to take.
    static final int ALWAYS = 2;

    /// Don't fragment, and leave finding out what the path takes to QUIC.
    static final int PROBING = 3;

    private DontFragment() {}
}
