package org.masquerelay.capsule;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.LeakPresenceDetector;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.capsule.CapsuleReader.Handling;
import org.masquerelay.wire.Varint;

@Timeout(30)
final class CapsuleReaderTest {
    /// A datagram, an unknown capsule, an empty datagram, a reserved type without a value, and a
    /// datagram whose type and length are encoded in more bytes than needed.
    private static final String MIX =
            "0003aabbcc" + "8000133703010203" + "0000" + "1700" + "4000400200dd";

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
    private final RecordingSink sink = new RecordingSink();
    private final CapsuleReader reader =
            new CapsuleReader(allocator, new CapsuleBudget(4096), sink);

    @AfterEach
    void letGo() {
        reader.close();
        assertThat(allocator.metric().usedHeapMemory()).isZero();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    private static ByteBuf hex(String digits) {
        return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(digits));
    }

    private void assertMix() {
        assertThat(sink.datagrams).containsExactly("aabbcc", "", "00dd");
        assertThat(sink.unknown).containsExactly(0x1337L, 0x17L);
        assertThat(sink.tooLong).isZero();
        assertThat(reader.isMidCapsule()).isFalse();
    }

    @Test
    void readsSeveralCapsulesOfOneBuffer() {
        reader.read(hex(MIX));
        assertMix();
    }

    @Test
    void readsOneByteAtATime() {
        for (byte b : ByteBufUtil.decodeHexDump(MIX)) {
            reader.read(Unpooled.wrappedBuffer(new byte[] {b}));
        }
        assertMix();
    }

    @Test
    void readsTheSameWhereverTheBytesAreCut() {
        var bytes = ByteBufUtil.decodeHexDump(MIX);
        for (int first = 0; first <= bytes.length; first++) {
            for (int second = first; second <= bytes.length; second++) {
                var sink = new RecordingSink();
                var reader = new CapsuleReader(allocator, new CapsuleBudget(4096), sink);
                reader.read(Unpooled.copiedBuffer(bytes, 0, first));
                reader.read(Unpooled.copiedBuffer(bytes, first, second - first));
                reader.read(Unpooled.copiedBuffer(bytes, second, bytes.length - second));
                assertThat(sink.datagrams)
                        .as("%s, %s", first, second)
                        .containsExactly("aabbcc", "", "00dd");
                assertThat(sink.unknown).containsExactly(0x1337L, 0x17L);
                assertThat(reader.isMidCapsule()).isFalse();
                reader.close();
            }
        }
    }

    @Test
    void endsWithinACapsuleAtEveryCutButTheBoundaries() {
        var bytes = ByteBufUtil.decodeHexDump("0003aabbcc");
        for (int cut = 0; cut <= bytes.length; cut++) {
            var reader = new CapsuleReader(allocator, new CapsuleBudget(4096), new RecordingSink());
            reader.read(Unpooled.copiedBuffer(bytes, 0, cut));
            assertThat(reader.isMidCapsule()).as("cut at %s", cut).isEqualTo(cut > 0 && cut < 5);
            reader.close();
        }
    }

    @Test
    void endsWithinASkippedCapsule() {
        reader.read(hex("2a05aabb"));
        assertThat(reader.isMidCapsule()).isTrue();
        reader.read(hex("ccddee"));
        assertThat(reader.isMidCapsule()).isFalse();
    }

    // RFC 9297, section 3.5: a DATAGRAM capsule that is too large is discarded, not buffered.
    @Test
    void skipsADatagramOfTwoToTheFortyBytesWithoutHoldingIt() {
        var header = Unpooled.buffer();
        Varint.write(header, CapsuleType.DATAGRAM);
        Varint.write(header, 1L << 40);
        reader.read(header);
        assertThat(sink.tooLong).isOne();
        var part = new byte[64 * 1024];
        for (int i = 0; i < 1024; i++) {
            reader.read(Unpooled.wrappedBuffer(part));
            assertThat(allocator.metric().usedHeapMemory()).isZero();
        }
        assertThat(reader.isMidCapsule()).isTrue();
        assertThat(sink.datagrams).isEmpty();
    }

    @Test
    void readsOnBehindADatagramThatWasTooLong() {
        var bytes = Unpooled.buffer();
        Varint.write(bytes, CapsuleType.DATAGRAM);
        Varint.write(bytes, 1001);
        bytes.writeZero(1001);
        bytes.writeBytes(ByteBufUtil.decodeHexDump("0001ee"));
        reader.read(bytes);
        assertThat(sink.tooLong).isOne();
        assertThat(sink.datagrams).containsExactly("ee");
    }

    @Test
    void takesADatagramOfExactlyTheLimit() {
        var bytes = Unpooled.buffer();
        Varint.write(bytes, CapsuleType.DATAGRAM);
        Varint.write(bytes, 1000);
        bytes.writeZero(1000);
        reader.read(bytes);
        assertThat(sink.tooLong).isZero();
        assertThat(sink.datagrams).containsExactly("00".repeat(1000));
    }

    @Test
    void holdsNoMoreThanHasComeOfADatagram() {
        reader.read(hex("0043e8aa")); // 1000 bytes announced, one here
        assertThat(allocator.metric().usedHeapMemory()).isLessThanOrEqualTo(1000);
        reader.close();
        assertThat(allocator.metric().usedHeapMemory()).isZero();
    }

    @Test
    void skipsWhatTheConnectionCannotHold() {
        var budget = new CapsuleBudget(1500);
        var first = new CapsuleReader(allocator, budget, sink);
        var second = new CapsuleReader(allocator, budget, sink);
        first.read(hex("0043e8aa"));
        second.read(hex("0043e8bb"));
        assertThat(sink.overBudget).isOne();
        second.read(Unpooled.buffer().writeZero(999).writeBytes(hex("0001ee")));
        assertThat(sink.datagrams).containsExactly("ee");
        first.close(); // What it held is free again.
        second.read(hex("0043e8bb"));
        assertThat(sink.overBudget).isOne();
        second.close();
    }

    @Test
    void passesCapsulesByteForByteWhereverTheyAreCut() {
        sink.otherwise = Handling.PASS;
        var capsules = "4017" + "03" + "010203" + "8000133700" + "2a4001ff";
        for (byte b : ByteBufUtil.decodeHexDump(capsules)) {
            reader.read(Unpooled.wrappedBuffer(new byte[] {b}));
        }
        assertThat(sink.parts.toString()).isEqualTo("401703010203|8000133700|2a4001ff|");
        reader.read(hex(capsules));
        assertThat(sink.parts.toString()).isEqualTo("401703010203|8000133700|2a4001ff|".repeat(2));
        assertThat(reader.isMidCapsule()).isFalse();
    }

    @Test
    void streamsValuesAsTheyCome() {
        sink.otherwise = Handling.STREAM;
        reader.read(hex("2a03aa"));
        reader.read(hex("bbcc2a00"));
        assertThat(sink.parts.toString()).isEqualTo("aabbcc||");
    }

    @Test
    void readsNothingOnceStopped() {
        sink.otherwise = Handling.STOP;
        reader.read(hex("2a01ff0001ee"));
        reader.read(hex("0001ee"));
        assertThat(sink.datagrams).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 1000, 0x3fff_ffff, (Varint.MAX - 0x17) / 0x29})
    void skipsReservedTypes(long n) {
        long type = 0x29 * n + 0x17;
        assertThat(CapsuleType.isReserved(type)).isTrue();
        assertThat(CapsuleType.isReserved(type + 1)).isFalse();
        var bytes = Unpooled.buffer();
        Varint.write(bytes, type);
        Varint.write(bytes, 2);
        reader.read(bytes.writeZero(2).writeBytes(ByteBufUtil.decodeHexDump("0001ee")));
        assertThat(sink.unknown).containsExactly(type);
        assertThat(sink.datagrams).containsExactly("ee");
    }

    @Test
    void mayBeClosedBySinkWithinACutHeader() {
        var owner = new CapsuleReader[1];
        var closing =
                new CapsuleReader.Sink() {
                    @Override
                    public Handling begin(long type, long length) {
                        owner[0].close();
                        return Handling.GATHER;
                    }

                    @Override
                    public void whole(long type, ByteBuf value) {
                        value.release();
                    }

                    @Override
                    public void part(ByteBuf piece, boolean last) {
                        piece.release();
                    }

                    @Override
                    public void overBudget(long type) {}
                };
        owner[0] = new CapsuleReader(allocator, new CapsuleBudget(10), closing);
        owner[0].read(hex("00"));
        owner[0].read(hex("0b00"));
        owner[0].close();
    }
}
