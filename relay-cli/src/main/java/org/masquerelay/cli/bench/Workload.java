package org.masquerelay.cli.bench;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.masquerelay.cli.bench.Measurement.Datagrams;

/// Traffic of one kind over open tunnels. Confined to the event loop of the tunnels.
sealed interface Workload permits UdpLoad, TcpUpLoad, TcpDownLoad {
    /// Starts to send, as fast as the tunnels take it.
    void start();

    /// Bytes of payload that have arrived since the start.
    long delivered();

    /// Forgets round trips and losses, so that the measurement starts without those of the warm-up.
    void measure();

    /// From here on, one datagram at a time; nothing changes for TCP.
    void calm();

    /// Forgets round trips of the time when the path was still busy.
    void measureCalm();

    /// What was counted from [#measure()] to [#calm()], and since [#measureCalm()]; null for TCP.
    @Nullable Datagrams datagrams();

    /// Stops sending. Completes with what is wrong with all that came, or with an empty string.
    CompletableFuture<String> stop();
}
