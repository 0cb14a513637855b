package org.masquerelay.capsule;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.LeakPresenceDetector;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class HttpDatagramTest {
    private static final ByteBufAllocator ALLOCATOR = ByteBufAllocator.DEFAULT;

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    /// A datagram as it came in, read up to its payload `aabb`.
    private static ByteBuf received(String prefix) {
        var bytes = ByteBufUtil.decodeHexDump(prefix + "aabb");
        return ALLOCATOR.directBuffer(32).writeBytes(bytes).skipBytes(bytes.length - 2);
    }

    private static void assertDatagram(ByteBuf datagram, String hex) {
        assertThat(ByteBufUtil.hexDump(datagram)).isEqualTo(hex);
        assertThat(datagram.release()).isTrue();
    }

    @Test
    void overwritesAPrefixThatIsLongEnough() {
        var payload = received("400500");
        var datagram = HttpDatagram.quicDatagram(ALLOCATOR, 7, payload);
        assertThat(datagram).isSameAs(payload);
        assertDatagram(datagram, "0700aabb");
    }

    @Test
    void overwritesAPrefixOfTheSameLength() {
        var payload = received("0500");
        var datagram = HttpDatagram.quicDatagram(ALLOCATOR, 63, payload);
        assertThat(datagram).isSameAs(payload);
        assertDatagram(datagram, "3f00aabb");
    }

    @Test
    void copiesBehindAPrefixThatIsTooShort() {
        var payload = received("0500");
        var datagram = HttpDatagram.quicDatagram(ALLOCATOR, 64, payload);
        assertThat(datagram).isNotSameAs(payload);
        assertThat(payload.refCnt()).isZero();
        assertDatagram(datagram, "404000aabb");
    }

    @Test
    void neverOverwritesASharedBuffer() {
        var shared = received("400500");
        var datagram = HttpDatagram.quicDatagram(ALLOCATOR, 7, shared.retainedSlice());
        assertDatagram(datagram, "0700aabb");
        assertThat(ByteBufUtil.hexDump(shared.readerIndex(0))).isEqualTo("400500aabb");

        datagram = HttpDatagram.quicDatagram(ALLOCATOR, 7, shared.skipBytes(3).retain());
        assertDatagram(datagram, "0700aabb");
        assertThat(ByteBufUtil.hexDump(shared.readerIndex(0))).isEqualTo("400500aabb");
        assertThat(shared.release()).isTrue();
    }

    @Test
    void neverOverwritesASliceOfAnotherBuffer() {
        // What comes out of a DATAGRAM capsule is a slice: the bytes before it are another capsule.
        var stream =
                ALLOCATOR
                        .directBuffer(16)
                        .writeBytes(ByteBufUtil.decodeHexDump("0003000102" + "0003" + "00aabb"));
        var slice = stream.retainedSlice(7, 3).skipBytes(1);
        assertDatagram(HttpDatagram.quicDatagram(ALLOCATOR, 1, slice), "0100aabb");
        assertThat(ByteBufUtil.hexDump(stream)).isEqualTo("0003000102000300aabb");
        assertThat(stream.release()).isTrue();
    }

    @Test
    void copiesReadOnlyAndHeapBuffers() {
        var heap = Unpooled.copiedBuffer(ByteBufUtil.decodeHexDump("400500aabb")).skipBytes(3);
        assertDatagram(HttpDatagram.quicDatagram(ALLOCATOR, 7, heap), "0700aabb");
        var readOnly = received("400500").asReadOnly();
        assertDatagram(HttpDatagram.quicDatagram(ALLOCATOR, 7, readOnly), "0700aabb");
    }

    @Test
    void carriesAnEmptyPayload() {
        assertDatagram(HttpDatagram.quicDatagram(ALLOCATOR, 0, Unpooled.EMPTY_BUFFER), "0000");
    }

    @Test
    void carriesTheHighestQuarterStreamId() {
        var datagram =
                HttpDatagram.quicDatagram(
                        ALLOCATOR, HttpDatagram.MAX_QUARTER_STREAM_ID, received("00"));
        assertDatagram(datagram, "cfffffffffffffff00aabb");
    }

    @Test
    void writesCapsuleHeadersWithTheContextInTheLength() {
        var out = Unpooled.buffer();
        HttpDatagram.writeCapsuleHeader(out, 0);
        assertThat(ByteBufUtil.hexDump(out)).isEqualTo("000100");
        HttpDatagram.writeCapsuleHeader(out.clear(), 62);
        assertThat(ByteBufUtil.hexDump(out)).isEqualTo("003f00");
        HttpDatagram.writeCapsuleHeader(out.clear(), 65527);
        assertThat(ByteBufUtil.hexDump(out)).isEqualTo("008000fff800");
    }

    @Test
    void writesBeforeADatagramOfAnyContextWhereThereIsRoom() {
        var datagram = received("4005");
        var framed = HttpDatagram.quicDatagramOf(ALLOCATOR, 64, datagram);
        assertThat(framed).isSameAs(datagram);
        assertDatagram(framed, "4040aabb");
    }

    @Test
    void copiesADatagramOfAnyContextWhereThereIsNone() {
        var datagram = received("05");
        var framed = HttpDatagram.quicDatagramOf(ALLOCATOR, 64, datagram);
        assertThat(framed).isNotSameAs(datagram);
        assertThat(datagram.refCnt()).isZero();
        assertDatagram(framed, "4040aabb");
    }
}
