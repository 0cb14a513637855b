package org.masquerelay.bind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.masquerelay.bind.BindCapsule.Ack;
import org.masquerelay.bind.BindCapsule.AssignPeer;
import org.masquerelay.bind.BindCapsule.AssignUncompressed;
import org.masquerelay.bind.BindCapsule.Close;
import org.masquerelay.capsule.CapsuleType;
import org.masquerelay.testkit.CapsuleBytes;
import org.masquerelay.testkit.RawBytes;
import org.masquerelay.wire.WireFormatException;

@Timeout(30)
final class BindCapsuleTest {
    private static final InetSocketAddress V4 =
            new InetSocketAddress(InetAddress.ofLiteral("203.0.113.11"), 60_000);
    private static final InetSocketAddress V6 =
            new InetSocketAddress(InetAddress.ofLiteral("2001:db8::1234"), 443);

    /// A capsule and its bytes, worked out by hand.
    record Example(String name, BindCapsule capsule, String bytes) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Example> examples() {
        return Stream.of(
                new Example("uncompressed", new AssignUncompressed(2), "11020200"),
                new Example("IPv4", new AssignPeer(4, V4), "11080404cb00710bea60"),
                new Example(
                        "IPv6",
                        new AssignPeer(64, V6),
                        "1115404006" + "20010db8000000000000000000001234" + "01bb"),
                new Example("ack", new Ack(2), "120102"),
                new Example("close", new Close(16384), "130480004000"));
    }

    private static BindCapsule parse(long type, byte[] value) throws WireFormatException {
        return BindCapsule.parse(type, Unpooled.wrappedBuffer(value));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("examples")
    @DisplayName("R10 3 every capsule is written and read as the draft draws it")
    void writesAndReads(Example example) throws Exception {
        var out = Unpooled.buffer();
        example.capsule().write(out);
        assertThat(ByteBufUtil.hexDump(out)).isEqualTo(example.bytes());
        assertThat(out.readableBytes()).isLessThanOrEqualTo(BindCapsule.MAX_LENGTH);

        var read = CapsuleBytes.parse(ByteBufUtil.getBytes(out)).getFirst();
        assertThat(BindCapsule.isType(read.type())).isTrue();
        assertThat(parse(read.type(), read.value())).isEqualTo(example.capsule());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("examples")
    @DisplayName("R10 3 every capsule cut short is malformed, and so is every byte more")
    void refusesOtherLengths(Example example) {
        var capsule = CapsuleBytes.parse(ByteBufUtil.decodeHexDump(example.bytes())).getFirst();
        for (int length = 0; length < capsule.value().length; length++) {
            var cut = Arrays.copyOf(capsule.value(), length);
            assertThatThrownBy(() -> parse(capsule.type(), cut))
                    .as("%d bytes", length)
                    .isInstanceOf(WireFormatException.class);
        }
        var longer = RawBytes.concat(capsule.value(), new byte[1]);
        assertThatThrownBy(() -> parse(capsule.type(), longer))
                .isInstanceOf(WireFormatException.class);
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "3", "5", "7", "46", "255"})
    @DisplayName("R10 3.1 an IP version other than 0, 4 and 6 is malformed")
    void refusesUnknownIpVersions(int version) {
        for (int length : new int[] {0, 6, 18}) {
            var value = RawBytes.concat(new byte[] {2, (byte) version}, new byte[length]);
            assertThatThrownBy(() -> parse(CapsuleType.COMPRESSION_ASSIGN, value))
                    .isInstanceOf(WireFormatException.class);
        }
    }

    @Test
    @DisplayName("R10 3.1 IP version 0 comes without address and port")
    void refusesAnUncompressedContextWithAPeer() {
        var value = ByteBufUtil.decodeHexDump("0200cb00710bea60");
        assertThatThrownBy(() -> parse(CapsuleType.COMPRESSION_ASSIGN, value))
                .isInstanceOf(WireFormatException.class);
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "4", "8"})
    @DisplayName("R10 3 a context ID may be longer than it needs to be")
    void acceptsLongVarints(int length) throws Exception {
        var id = CapsuleBytes.varintOf(length, 6);
        assertThat(parse(CapsuleType.COMPRESSION_CLOSE, id)).isEqualTo(new Close(6));
        assertThat(parse(CapsuleType.COMPRESSION_ASSIGN, RawBytes.concat(id, new byte[1])))
                .isEqualTo(new AssignUncompressed(6));
    }

    @Test
    @DisplayName("R10 3.1 an IPv4-mapped address stays what it was sent as")
    void keepsMappedAddressesApart() throws Exception {
        var value = ByteBufUtil.decodeHexDump("0206" + "00000000000000000000ffff7f000001" + "01bb");
        assertThat(parse(CapsuleType.COMPRESSION_ASSIGN, value))
                .isInstanceOfSatisfying(
                        AssignPeer.class,
                        assign -> assertThat(assign.peer().getAddress().getAddress()).hasSize(16));
    }
}
