package org.masquerelay.cli.bench;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.masquerelay.cli.bench.Measurement.Datagrams;
import org.masquerelay.tunnel.StreamEnd;
import org.masquerelay.tunnel.TunnelSink;
import org.masquerelay.tunnel.TunnelStream;

/// Writes the [Pattern] to a target that says from time to time, as eight bytes, how much of it has
/// come, and ends without the last word when something else came.
final class TcpUpLoad implements Workload, TunnelSink {
    private final TunnelStream tunnel;
    private final Pattern pattern = new Pattern();
    private final CompletableFuture<String> outcome = new CompletableFuture<>();
    private long sent;
    private long arrived;
    private long partOfReport;
    private int bytesOfReport;
    private boolean stopped;

    TcpUpLoad(TunnelStream tunnel) {
        this.tunnel = tunnel;
    }

    @Override
    public void start() {
        tunnel.attach(this);
        writable();
    }

    @Override
    public void writable() {
        while (!stopped && tunnel.isWritable()) {
            var chunk = pattern.chunkAt(sent);
            sent += Pattern.CHUNK; // before the write, which may call this method again
            tunnel.write(chunk);
        }
    }

    @Override
    public void received(ByteBuf reports) {
        while (reports.isReadable()) {
            partOfReport = partOfReport << Byte.SIZE | reports.readUnsignedByte();
            if (++bytesOfReport == Long.BYTES) {
                arrived = partOfReport;
                bytesOfReport = 0;
            }
        }
        reports.release();
    }

    @Override
    public long delivered() {
        return arrived;
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
                stopped && arrived == sent
                        ? ""
                        : "%d bytes were sent, %d arrived".formatted(sent, arrived));
    }

    @Override
    public void closed(StreamEnd end) {
        outcome.complete("the tunnel was reset after " + sent + " bytes");
    }
}
