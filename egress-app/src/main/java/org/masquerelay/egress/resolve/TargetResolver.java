package org.masquerelay.egress.resolve;

import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.util.List;
import java.util.function.Consumer;
import org.masquerelay.tunnel.Refusal;

/// Finds the addresses of a target's name.
public interface TargetResolver extends AutoCloseable {
    /// What was found.
    sealed interface Resolution {
        /// At least one address, in the order to be tried.
        record Found(List<InetAddress> addresses) implements Resolution {}

        record Failed(Refusal refusal) implements Resolution {}
    }

    /// Resolves `name`, which is no address literal, and calls `then` exactly once on `loop`;
    /// called on `loop`. An exception before that refuses the tunnel with 500.
    void resolve(String name, EventLoop loop, Consumer<Resolution> then);

    @Override
    void close();
}
