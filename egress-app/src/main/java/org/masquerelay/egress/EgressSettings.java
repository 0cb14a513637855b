package org.masquerelay.egress;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/// Where tunnels may go and how targets are reached.
///
/// @param allowPrivate whether targets outside the public address space are allowed
/// @param nameServers the DNS servers to ask; empty for those of the system
/// @param resolveTimeout until a DNS server has answered one query
/// @param connectTimeout until a TCP target has accepted
/// @param udpIdle a UDP tunnel without any datagram for so long is closed
/// @param tcpIdle a TCP tunnel without any byte for so long is closed
public record EgressSettings(
        boolean allowPrivate,
        List<InetSocketAddress> nameServers,
        Duration resolveTimeout,
        Duration connectTimeout,
        Duration udpIdle,
        Duration tcpIdle) {}
