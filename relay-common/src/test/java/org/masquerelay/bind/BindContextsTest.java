package org.masquerelay.bind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.bind.BindCapsule.Ack;
import org.masquerelay.bind.BindCapsule.AssignPeer;
import org.masquerelay.bind.BindCapsule.AssignUncompressed;
import org.masquerelay.bind.BindCapsule.Close;
import org.masquerelay.wire.WireFormatException;

@Timeout(30)
final class BindContextsTest {
    private static final int MAX_CONTEXTS = 3;
    private static final InetSocketAddress PEER = peer(1);
    private static final InetSocketAddress REFUSED = peer(666);

    private final BindContexts contexts =
            new BindContexts(peer -> !peer.equals(REFUSED), MAX_CONTEXTS);

    private static InetSocketAddress peer(int port) {
        return new InetSocketAddress(InetAddress.ofLiteral("192.0.2.7"), port);
    }

    private Optional<BindCapsule> receive(BindCapsule capsule) throws WireFormatException {
        return contexts.receive(capsule);
    }

    private void assertAcked(BindCapsule assign) throws WireFormatException {
        assertThat(receive(assign)).contains(new Ack(assign.contextId()));
    }

    private void assertClosed(BindCapsule assign) throws WireFormatException {
        assertThat(receive(assign)).contains(new Close(assign.contextId()));
    }

    private void assertMalformed(BindCapsule capsule) {
        assertThatThrownBy(() -> receive(capsule)).isInstanceOf(WireFormatException.class);
    }

    @Test
    @DisplayName("R10 3.1 an assigned context is open once it is acknowledged")
    void opensContexts() throws Exception {
        assertAcked(new AssignUncompressed(2));
        assertAcked(new AssignPeer(4, PEER));
        assertThat(contexts.isUncompressed(2)).isTrue();
        assertThat(contexts.uncompressed()).isEqualTo(2);
        assertThat(contexts.isUncompressed(4)).isFalse();
        assertThat(contexts.peer(4)).isEqualTo(PEER);
        assertThat(contexts.compressed(PEER)).isEqualTo(4);
        assertThat(contexts.compressed(peer(2))).isZero();
        assertThat(contexts.count()).isEqualTo(2);
    }

    @Test
    @DisplayName("R10 3.1 nothing is open at first, context 0 least of all")
    void startsEmpty() {
        assertThat(contexts.isUncompressed(0)).isFalse();
        assertThat(contexts.isUncompressed(-1)).isFalse();
        assertThat(contexts.hasUncompressed()).isFalse();
        assertThat(contexts.peer(0)).isNull();
        assertThat(contexts.count()).isZero();
    }

    @Test
    @DisplayName("R10 3.1 COMPRESSION_ASSIGN of context 0 is malformed")
    void refusesContextZero() {
        assertMalformed(new AssignUncompressed(0));
        assertMalformed(new AssignPeer(0, PEER));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 3, 65, 0x3fff_ffff_ffff_ffffL})
    @DisplayName("R10 3.1 COMPRESSION_ASSIGN of an odd context by the client is malformed")
    void refusesTheWrongParity(long id) {
        assertMalformed(new AssignUncompressed(id));
        assertMalformed(new AssignPeer(id, PEER));
    }

    @Test
    @DisplayName("R10 3.1 a repeated context ID is malformed, open, closed or rejected")
    void refusesRepeatedIds() throws Exception {
        assertAcked(new AssignPeer(2, PEER));
        assertMalformed(new AssignPeer(2, peer(2)));
        assertMalformed(new AssignUncompressed(2));

        assertAcked(new AssignPeer(4, peer(2)));
        receive(new Close(4));
        assertMalformed(new AssignPeer(4, peer(2)));

        assertClosed(new AssignPeer(6, REFUSED));
        assertMalformed(new AssignPeer(6, peer(3)));
    }

    @Test
    @DisplayName("R10 3.1 context IDs may come in any order")
    void takesIdsInAnyOrder() throws Exception {
        assertAcked(new AssignPeer(40, PEER));
        assertAcked(new AssignPeer(2, peer(2)));
        assertAcked(new AssignUncompressed(20));
        assertMalformed(new AssignPeer(20, peer(3)));
    }

    @Test
    @DisplayName("R10 3.1 a context ID of which nobody can tell is rejected, not malformed")
    void rejectsUncertainIds() throws Exception {
        for (int i = 0; i <= UsedIds.MAX_GAPS; i++) {
            assertClosed(new AssignPeer(4 + 4L * i, REFUSED));
        }
        assertClosed(new AssignPeer(2, PEER));
        assertThat(contexts.count()).isZero();
    }

    @Test
    @DisplayName("R10 3.1 a second context for an open tuple is malformed")
    void refusesASecondContextForATuple() throws Exception {
        assertAcked(new AssignPeer(2, PEER));
        assertMalformed(new AssignPeer(4, PEER));
    }

    @Test
    @DisplayName("R10 3.1 a tuple can have a new context once its old one is closed")
    void reopensATuple() throws Exception {
        assertAcked(new AssignPeer(2, PEER));
        assertThat(receive(new Close(2))).isEmpty();
        assertAcked(new AssignPeer(4, PEER));
        assertThat(contexts.peer(2)).isNull();
        assertThat(contexts.compressed(PEER)).isEqualTo(4);
    }

    @Test
    @DisplayName("R10 4 a second uncompressed context is malformed, a later one is not")
    void hasOneUncompressedContext() throws Exception {
        assertAcked(new AssignUncompressed(2));
        assertMalformed(new AssignUncompressed(4));
        receive(new Close(2));
        assertThat(contexts.hasUncompressed()).isFalse();
        assertThat(contexts.isUncompressed(2)).isFalse();
        assertAcked(new AssignUncompressed(6));
    }

    @Test
    @DisplayName("R10 3.1 closing the uncompressed context leaves the compressed ones open")
    void keepsCompressedContexts() throws Exception {
        assertAcked(new AssignUncompressed(2));
        assertAcked(new AssignPeer(4, PEER));
        receive(new Close(2));
        assertThat(contexts.peer(4)).isEqualTo(PEER);
        assertThat(contexts.compressed(peer(2))).isZero();
    }

    // The proxy opens none: neither after the uncompressed one is closed, nor for a tuple for which
    // the client opens one at the same time.
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 4})
    @DisplayName("R10 3.2 COMPRESSION_ACK of a context the proxy did not assign is malformed")
    void refusesAcks(long id) throws Exception {
        assertAcked(new AssignPeer(2, PEER));
        assertMalformed(new Ack(id));
    }

    @Test
    @DisplayName("R10 3.3 COMPRESSION_CLOSE of context 0 is malformed")
    void refusesClosingContextZero() {
        assertMalformed(new Close(0));
    }

    @Test
    @DisplayName("R10 3.3 COMPRESSION_CLOSE of what is not open any more says nothing")
    void ignoresClosingWhatIsClosed() throws Exception {
        assertAcked(new AssignPeer(2, PEER));
        for (long id : new long[] {2, 2, 4, 5}) {
            assertThat(receive(new Close(id))).isEmpty();
        }
        assertThat(contexts.count()).isZero();
    }

    @Test
    @DisplayName("R10 3.1 a peer that the policy refuses is rejected, and only it")
    void rejectsRefusedPeers() throws Exception {
        assertClosed(new AssignPeer(2, REFUSED));
        assertThat(contexts.peer(2)).isNull();
        assertThat(contexts.compressed(REFUSED)).isZero();
        assertAcked(new AssignPeer(4, PEER));
    }

    @Test
    @DisplayName("R10 9 contexts beyond the limit are rejected until one is closed")
    void boundsContexts() throws Exception {
        assertAcked(new AssignUncompressed(2));
        assertAcked(new AssignPeer(4, PEER));
        assertAcked(new AssignPeer(6, peer(2)));
        assertClosed(new AssignPeer(8, peer(3)));
        receive(new Close(4));
        assertAcked(new AssignPeer(10, peer(3)));
        receive(new Close(2));
        assertAcked(new AssignPeer(12, peer(4)));
        assertClosed(new AssignUncompressed(14));
        assertThat(contexts.count()).isEqualTo(MAX_CONTEXTS);
    }
}
