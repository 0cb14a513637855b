package org.masquerelay.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class VarintTest {

    private static final long SEED = 9000;

    @ParameterizedTest(name = "RFC 9000, appendix A.1: {0} is {1}")
    @CsvSource({
        "c2197c5eff14e88c, 151288809941952652",
        "9d7f3e7d, 494878333",
        "7bbd, 15293",
        "25, 37"
    })
    void readsAndWritesTheVectors(String hex, long value) {
        assertThat(Varint.tryRead(bytes(hex))).isEqualTo(value);
        assertThat(hex(value)).isEqualTo(hex);
    }

    @ParameterizedTest(name = "accepts {0} for {1}")
    @CsvSource({"4025, 37", "4000, 0", "80000000, 0", "c000000000000025, 37"})
    void acceptsLongerFormsThanNeeded(String hex, long value) {
        ByteBuf in = bytes(hex);
        assertThat(Varint.tryRead(in)).isEqualTo(value);
        assertThat(in.isReadable()).isFalse();
    }

    @ParameterizedTest(name = "{0} takes {1} bytes")
    @CsvSource({
        "0, 1",
        "63, 1",
        "64, 2",
        "16383, 2",
        "16384, 4",
        "1073741823, 4",
        "1073741824, 8",
        "4611686018427387903, 8"
    })
    void takesTheShortestForm(long value, int length) {
        assertThat(Varint.length(value)).isEqualTo(length);
        String hex = hex(value);
        assertThat(hex).hasSize(2 * length);
        assertThat(Varint.lengthOf(bytes(hex).getByte(0))).isEqualTo(length);
        assertThat(Varint.tryRead(bytes(hex))).isEqualTo(value);
    }

    @Test
    void waitsForTheRestOfEveryPrefix() {
        for (long value : new long[] {0, 64, 16384, 1L << 30, Varint.MAX}) {
            ByteBuf whole = bytes("aa" + hex(value) + "bb");
            for (int length = 1; length <= Varint.length(value); length++) {
                ByteBuf prefix = whole.slice(0, length).skipBytes(1);
                assertThat(Varint.tryRead(prefix)).isEqualTo(-1);
                assertThat(prefix.readerIndex()).isEqualTo(1);
            }
            ByteBuf exact = whole.duplicate().skipBytes(1);
            assertThat(Varint.tryRead(exact)).isEqualTo(value);
            assertThat(exact.readableBytes()).isEqualTo(1);
        }
    }

    @Test
    void roundTripsRandomValues() {
        Random random = new Random(SEED);
        for (int i = 0; i < 10_000; i++) {
            long value = (random.nextLong() & Varint.MAX) >>> random.nextInt(62);
            assertThat(Varint.tryRead(bytes(hex(value)))).as("seed %d", SEED).isEqualTo(value);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Varint.MAX + 1, Long.MAX_VALUE, Long.MIN_VALUE})
    void refusesToWriteWhatDoesNotFit(long value) {
        ByteBuf out = Unpooled.buffer();
        assertThatThrownBy(() -> Varint.write(out, value))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(out.isReadable()).isFalse();
    }

    private static ByteBuf bytes(String hex) {
        return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex));
    }

    private static String hex(long value) {
        ByteBuf out = Unpooled.buffer(8);
        Varint.write(out, value);
        return ByteBufUtil.hexDump(out);
    }
}
