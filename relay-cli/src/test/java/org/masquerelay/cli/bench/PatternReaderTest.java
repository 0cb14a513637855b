package org.masquerelay.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PatternReaderTest {
    private static final int CHUNKS = 9; // longer than the period

    private final Pattern pattern = new Pattern();
    private final PatternReader reader = new PatternReader(pattern);

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 7, 8, 9, 1000, 100_000, 1_000_000})
    void findsTheLengthBehindThePattern(int piece) {
        var stream = stream();
        int length = stream.readableBytes() - Long.BYTES;
        while (stream.isReadable()) {
            assertThat(reader.isComplete()).isFalse();
            reader.read(stream.readSlice(Math.min(piece, stream.readableBytes())));
        }

        assertThat(reader.isComplete()).isTrue();
        assertThat(reader.verified()).isEqualTo(length);
    }

    @Test
    void noticesAMissingEnd() {
        var stream = stream();
        reader.read(stream.readSlice(stream.readableBytes() - 1));

        assertThat(reader.isComplete()).isFalse();
    }

    @Test
    void noticesAMissingBlock() {
        var stream = stream();
        reader.read(stream.readSlice(Pattern.CHUNK));
        stream.skipBytes(Pattern.CHUNK);
        reader.read(stream);

        assertThat(reader.isComplete()).isFalse();
        assertThat(reader.verified()).isEqualTo(Pattern.CHUNK);
    }

    @Test
    void noticesOneWrongByte() {
        var stream = stream();
        stream.setByte(70_000, stream.getByte(70_000) ^ 1);
        reader.read(stream);

        assertThat(reader.isComplete()).isFalse();
    }

    private ByteBuf stream() {
        var stream = Unpooled.buffer();
        for (int i = 0; i < CHUNKS; i++) {
            var chunk = pattern.chunkAt(stream.readableBytes());
            stream.writeBytes(chunk);
            chunk.release();
        }
        return stream.writeLong(stream.readableBytes());
    }
}
