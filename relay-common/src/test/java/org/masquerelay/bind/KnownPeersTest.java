package org.masquerelay.bind;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class KnownPeersTest {
    private static final String V4 = "04" + "c0000207" + "01bb";
    private static final String V6 = "06" + "20010db8000000000000000000000007" + "01bb";

    private final List<InetSocketAddress> asked = new ArrayList<>();
    private final Policy policy = new Policy();
    private final KnownPeers peers = new KnownPeers(policy);

    private final class Policy implements PeerPolicy {
        private int prohibited = 666;
        private Object edition = new Object();

        void prohibit(int port) {
            prohibited = port;
            edition = new Object();
        }

        @Override
        public boolean allows(InetSocketAddress peer) {
            asked.add(peer);
            return peer.getPort() != prohibited;
        }

        @Override
        public Object edition() {
            return edition;
        }
    }

    private static InetSocketAddress address(String literal, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(literal), port);
    }

    @Test
    @DisplayName("R10 4 an uncompressed datagram names its peer before the payload")
    void readsThePeer() {
        var datagram = Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(V4 + "abcd"));
        var peer = Objects.requireNonNull(peers.tryRead(datagram));
        assertThat(peer.address()).isEqualTo(address("192.0.2.7", 443));
        assertThat(peer.isAllowed()).isTrue();
        assertThat(ByteBufUtil.hexDump(datagram)).isEqualTo("abcd");
    }

    @Test
    @DisplayName("R10 4 the payload of an uncompressed datagram may be empty")
    void readsAnEmptyPayload() {
        var datagram = Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(V6));
        var peer = Objects.requireNonNull(peers.tryRead(datagram));
        assertThat(peer.address()).isEqualTo(address("2001:db8::7", 443));
        assertThat(datagram.isReadable()).isFalse();
    }

    @Test
    @DisplayName("R10 4 an uncompressed datagram without a whole peer is none")
    void readsNothingFromWhatIsCutShort() {
        for (var whole : List.of(V4, V6)) {
            for (int end = 0; end < whole.length(); end += 2) {
                var cut = ByteBufUtil.decodeHexDump(whole.substring(0, end));
                assertThat(peers.tryRead(Unpooled.wrappedBuffer(cut))).isNull();
            }
        }
        for (var version : List.of("00", "01", "05", "ff")) {
            var other = ByteBufUtil.decodeHexDump(version + V6.substring(2));
            assertThat(peers.tryRead(Unpooled.wrappedBuffer(other))).isNull();
        }
    }

    @Test
    @DisplayName("R10 4 packets of a peer are told with the same field that is sent to it")
    void writesWhatItReads() {
        assertThat(peers.of(address("192.0.2.7", 443)).field())
                .isEqualTo(ByteBufUtil.decodeHexDump(V4));
        assertThat(peers.of(address("2001:db8::7", 443)).field())
                .isEqualTo(ByteBufUtil.decodeHexDump(V6));
    }

    @Test
    void asksOncePerPeerThatStaysKnown() {
        for (int i = 0; i < 3; i++) {
            assertThat(peers.of(address("192.0.2.7", 666)).isAllowed()).isFalse();
            var known =
                    peers.tryRead(
                            Unpooled.wrappedBuffer(
                                    ByteBufUtil.decodeHexDump("04" + "c0000207" + "029a")));
            assertThat(Objects.requireNonNull(known).isAllowed()).isFalse();
        }
        assertThat(asked).containsExactly(address("192.0.2.7", 666));
    }

    @Test
    void tellsPeersInOnePlaceApart() {
        for (int i = 0; i < 3; i++) {
            for (int port : new int[] {650, 666, 682}) { // All the same but for the high bits.
                var peer = peers.of(address("192.0.2.7", port));
                assertThat(peer.address().getPort()).isEqualTo(port);
                assertThat(peer.isAllowed()).isEqualTo(port != 666);
            }
            assertThat(peers.of(address("192.0.2.8", 682)).address())
                    .isEqualTo(address("192.0.2.8", 682));
        }
    }

    @Test
    @DisplayName("R10 another edition of the policy counts from the next datagram on")
    void asksAgainWhenThePolicyHasChanged() {
        var field = ByteBufUtil.decodeHexDump(V4);
        assertThat(read(field).isAllowed()).isTrue();
        assertThat(peers.of(address("192.0.2.7", 443)).isAllowed()).isTrue();
        assertThat(asked).hasSize(1);

        policy.prohibit(443);
        assertThat(read(field).isAllowed()).isFalse();
        policy.prohibit(666);
        assertThat(peers.of(address("192.0.2.7", 443)).isAllowed()).isTrue();
        assertThat(asked).hasSize(3);
    }

    private KnownPeers.Known read(byte[] field) {
        return Objects.requireNonNull(peers.tryRead(Unpooled.wrappedBuffer(field)));
    }
}
