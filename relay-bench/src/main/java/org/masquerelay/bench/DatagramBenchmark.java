package org.masquerelay.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.concurrent.TimeUnit;
import org.masquerelay.capsule.CapsulePolicy;
import org.masquerelay.capsule.CapsuleReader;
import org.masquerelay.capsule.CapsuleReader.Handling;
import org.masquerelay.capsule.HttpDatagram;
import org.masquerelay.wire.Varint;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What is done for every datagram.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DatagramBenchmark {
    private static final int PAYLOAD = 1200;
    private static final int CAPSULES = 16;
    private static final int PREFIX = 3;

    /// Two bytes as a varint, as on a connection with some hundred tunnels.
    private static final long QUARTER_STREAM_ID = 1000;

    private final ByteBuf received = Unpooled.directBuffer(PREFIX + PAYLOAD);
    private final ByteBuf varints = Unpooled.directBuffer(Long.BYTES);
    private final ByteBuf capsules = Unpooled.directBuffer(CAPSULES * (PAYLOAD + Long.BYTES));
    private final Counter counter = new Counter();
    private final CapsuleReader reader =
            new CapsuleReader(
                    ByteBufAllocator.DEFAULT, CapsulePolicy.STANDARD.newBudget(), counter);

    public DatagramBenchmark() {
        received.writeZero(PREFIX + PAYLOAD);
        Varint.write(varints, QUARTER_STREAM_ID);
        for (int i = 0; i < CAPSULES; i++) {
            HttpDatagram.writeCapsuleHeader(capsules, PAYLOAD);
            capsules.writeZero(PAYLOAD);
        }
    }

    /// The prefix of one hop is overwritten with that of the next.
    @Benchmark
    public int rewritePrefixInPlace() {
        var payload = received.setIndex(PREFIX, PREFIX + PAYLOAD);
        return HttpDatagram.quicDatagram(ByteBufAllocator.DEFAULT, QUARTER_STREAM_ID, payload)
                .readerIndex();
    }

    /// A payload without room for a prefix, as it comes from a socket, is copied.
    @Benchmark
    public boolean writePrefixBeforeCopy() {
        var payload = received.setIndex(0, PAYLOAD).retain();
        return HttpDatagram.quicDatagram(ByteBufAllocator.DEFAULT, QUARTER_STREAM_ID, payload)
                .release();
    }

    @Benchmark
    public long readVarint() {
        return Varint.tryRead(varints.readerIndex(0));
    }

    @Benchmark
    public void writeVarint() {
        Varint.write(varints.clear(), QUARTER_STREAM_ID);
    }

    /// Sixteen datagrams in one piece.
    @Benchmark
    public long readCapsules() {
        reader.read(capsules.readerIndex(0).retain());
        return counter.bytes;
    }

    /// The same in pieces that cut headers and values, as packets do.
    @Benchmark
    public long readCapsulesInPieces() {
        capsules.readerIndex(0);
        while (capsules.isReadable()) {
            reader.read(capsules.readRetainedSlice(Math.min(1000, capsules.readableBytes())));
        }
        return counter.bytes;
    }

    @TearDown
    public void release() {
        reader.close();
        capsules.release();
        varints.release();
        received.release();
    }

    private static final class Counter implements CapsuleReader.Sink {
        private long bytes;

        @Override
        public Handling begin(long type, long length) {
            return Handling.GATHER;
        }

        @Override
        public void whole(long type, ByteBuf value) {
            bytes += value.readableBytes();
            value.release();
        }

        @Override
        public void part(ByteBuf piece, boolean last) {
            throw new IllegalStateException("capsule: in pieces (expected: whole)");
        }

        @Override
        public void overBudget(long type) {
            throw new IllegalStateException("capsule: over budget (expected: within)");
        }
    }
}
