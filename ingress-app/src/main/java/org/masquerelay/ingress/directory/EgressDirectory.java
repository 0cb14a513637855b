package org.masquerelay.ingress.directory;

import io.netty.channel.EventLoop;
import java.util.List;
import java.util.function.Consumer;

/// Says which egresses an ingress leads to. A bean of this type takes the place of
/// `relay.upstream.uri`, `relay.upstream.uris` and `relay.upstream.discovery`.
public interface EgressDirectory {
    /// Begins to tell `fleet` of all egresses there are: now or later, and again whenever they have
    /// changed, from any thread, one call after the other. Called once, when the relay starts.
    ///
    /// An egress that is left out gets no new tunnels and keeps those it has. What cannot be found
    /// out is not told: the fleet stays as it is.
    ///
    /// @param loop an event loop that may be used for timers and sockets, and not be blocked
    /// @return what ends it; called once, from another thread than that of `loop`, when the relay
    ///   stops
    Runnable follow(EventLoop loop, Consumer<List<Egress>> fleet);

    /// A directory that never changes.
    static EgressDirectory of(List<Egress> egresses) {
        var all = List.copyOf(egresses);
        return (_, fleet) -> {
            fleet.accept(all);
            return () -> {};
        };
    }
}
