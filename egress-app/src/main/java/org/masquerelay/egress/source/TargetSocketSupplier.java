package org.masquerelay.egress.source;

import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.masquerelay.egress.policy.Permit;

/// Opens sockets to targets in an application's own way, after the policy has allowed the target.
///
/// A bean of this type is asked for every tunnel to a target, but not for bind tunnels.
@FunctionalInterface
public interface TargetSocketSupplier {
    /// A socket for the permitted tunnel; empty has the relay open one as usual.
    ///
    /// It has to be a [io.netty.channel.socket.DatagramChannel] for UDP and a
    /// [io.netty.channel.socket.SocketChannel] for TCP, registered with `loop`, with
    /// [io.netty.channel.ChannelOption#AUTO_READ] off, and connected to `target` when the future is
    /// done: any other is closed and the tunnel refused with 500, as by an exception. A future that
    /// fails refuses the tunnel as if the relay had not reached the target. The relay closes the
    /// socket when the tunnel ends. "Don't fragment", source ports and all the rest of its options
    /// are the supplier's matter; `relay.egress.source.*` does not count for it.
    ///
    /// Called on `loop`, so it does not wait.
    Optional<ChannelFuture> supply(Permit permit, InetSocketAddress target, EventLoop loop);
}
