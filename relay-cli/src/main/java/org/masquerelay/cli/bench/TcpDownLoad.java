package org.masquerelay.cli.bench;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.masquerelay.cli.bench.Measurement.Datagrams;
import org.masquerelay.tunnel.StreamEnd;
import org.masquerelay.tunnel.TunnelSink;
import org.masquerelay.tunnel.TunnelStream;

/// Reads the [Pattern] from a target that sends it until it is told to stop by the end of our
/// direction, and then says as the last eight bytes how much it has sent.
final class TcpDownLoad implements Workload, TunnelSink {
    private final TunnelStream tunnel;
    private final PatternReader reader = new PatternReader(new Pattern());
    private final CompletableFuture<String> outcome = new CompletableFuture<>();
    private boolean stopped;

    TcpDownLoad(TunnelStream tunnel) {
        this.tunnel = tunnel;
    }

    @Override
    public void start() {
        tunnel.attach(this);
    }

    @Override
    public void received(ByteBuf bytes) {
        reader.read(bytes);
        bytes.release();
    }

    @Override
    public long delivered() {
        return reader.verified();
    }

    @Override
    public void measure() {}

    @Override
    public void calm() {}

    @Override
    public void measureCalm() {}

    @Override
    public @Nullable Datagrams datagrams() {
        return null;
    }

    @Override
    public CompletableFuture<String> stop() {
        stopped = true;
        tunnel.finish();
        return outcome;
    }

    @Override
    public void finished() {
        outcome.complete(
                stopped && reader.isComplete()
                        ? ""
                        : "%d bytes arrived as they should, then the stream went wrong"
                                .formatted(reader.verified()));
    }

    @Override
    public void writable() {}

    @Override
    public void closed(StreamEnd end) {
        outcome.complete("the tunnel was reset after " + reader.verified() + " bytes");
    }
}
