package org.masquerelay.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.masquerelay.wire.Varint;

final class CoalescedPacketsTest {
    private static final int INITIAL = 0xc3;
    private static final int ZERO_RTT = 0xd3;
    private static final int HANDSHAKE = 0xe3;
    private static final int RETRY = 0xf0;

    private final CoalescedPackets packets = new CoalescedPackets();

    private static ByteBuf datagram() {
        return Unpooled.buffer();
    }

    /// @param length what it says of what follows
    private static void header(ByteBuf out, int first, int version, long length) {
        out.writeByte(first).writeInt(version);
        out.writeByte(8).writeLong(0x1122_3344_5566_7788L);
        out.writeByte(3).writeMedium(0x99aabb);
        if (first == INITIAL) {
            Varint.write(out, 70);
            out.writeZero(70);
        }
        Varint.write(out, length);
    }

    private static void longPacket(ByteBuf out, int first, int payload) {
        header(out, first, 1, payload);
        out.writeZero(payload);
    }

    private static void shortPacket(ByteBuf out, int length) {
        out.writeByte(0x43).writeZero(length - 1);
    }

    private List<String> read(ByteBuf datagram) {
        packets.read(datagram);
        var found = new ArrayList<String>();
        for (int i = 0; i < packets.count(); i++) {
            found.add(packets.type(i) + " " + packets.start(i) + " " + packets.length(i));
        }
        return found;
    }

    @Test
    void findsEachPacketOfADatagram() {
        var datagram = datagram();
        datagram.writeZero(5).skipBytes(5);
        longPacket(datagram, INITIAL, 300);
        longPacket(datagram, ZERO_RTT, 30);
        longPacket(datagram, HANDSHAKE, 100);
        shortPacket(datagram, 50);
        assertThat(read(datagram))
                .containsExactly(
                        "INITIAL 5 392", "ZERO_RTT 397 49", "HANDSHAKE 446 120", "ONE_RTT 566 50");
        assertThat(datagram.readerIndex()).isEqualTo(5);
        assertThat(read(datagram.slice(566, 50))).containsExactly("ONE_RTT 0 50");
    }

    @Test
    void leavesOutPaddingBehindAPacket() {
        var datagram = datagram();
        longPacket(datagram, INITIAL, 300);
        datagram.writeZero(800);
        assertThat(read(datagram)).containsExactly("INITIAL 0 392");
    }

    @Test
    void countsADamagedPacketToItsEnd() {
        var datagram = datagram();
        header(datagram, HANDSHAKE, 1, 1000);
        datagram.writeZero(10);
        assertThat(read(datagram)).containsExactly("HANDSHAKE 0 " + datagram.readableBytes());
        assertThat(read(Unpooled.wrappedBuffer(new byte[30]))).containsExactly("ONE_RTT 0 30");
    }

    @Test
    void leavesOutWhatIsNotNumbered() {
        var retry = datagram();
        longPacket(retry, RETRY, 20);
        assertThat(read(retry)).isEmpty();
        var negotiation = datagram();
        header(negotiation, INITIAL, 0, 20);
        assertThat(read(negotiation)).isEmpty();
        assertThat(read(datagram())).isEmpty();
    }

    @Test
    void countsSoManyAndNoMore() {
        var datagram = datagram();
        for (int i = 0; i < 2 * CoalescedPackets.MOST; i++) {
            longPacket(datagram, HANDSHAKE, 20);
        }
        assertThat(read(datagram)).hasSize(CoalescedPackets.MOST);
    }

    @Test
    void staysWithinEveryDatagram() {
        var random = new SplittableRandom(9000);
        for (int i = 0; i < 200_000; i++) {
            var bytes = new byte[random.nextInt(64)];
            random.nextBytes(bytes);
            if (bytes.length > 6 && random.nextBoolean()) {
                bytes[0] |= (byte) 0xc0;
                bytes[1] = bytes[2] = bytes[3] = 0;
                bytes[4] = 1;
                bytes[5] &= 7;
            }
            packets.read(Unpooled.wrappedBuffer(bytes));
            int end = 0;
            for (int j = 0; j < packets.count(); j++) {
                assertThat(packets.start(j)).isEqualTo(end);
                assertThat(packets.length(j)).isPositive();
                end += packets.length(j);
            }
            assertThat(end).isLessThanOrEqualTo(bytes.length);
        }
    }
}
