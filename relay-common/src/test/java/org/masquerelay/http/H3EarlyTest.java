package org.masquerelay.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.util.LeakPresenceDetector;
import java.util.ArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.http.TestFront.Limits;
import org.masquerelay.observe.DropReason;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.H3Bytes;
import org.masquerelay.testkit.RawH3Client;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.StreamEnd;

/// What a client sends before its request is answered.
@Timeout(60)
final class H3EarlyTest {
    private TestFront front;
    private RawH3Client client;

    @BeforeEach
    void open() throws Exception {
        front = TestFront.open(Limits.WIDE, ScriptedService.Answer.LATER);
        client = front.connect();
        client.peerSettings();
    }

    @AfterEach
    void close() {
        client.close();
        front.close();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    @Test
    void deliversBytesAfterTheAnswerInOrder() throws Exception {
        var stream = client.request(Heads.tcp());
        stream.data("one ");
        stream.data("two ");
        var exchange = front.service().next();
        stream.data("three");
        front.service().acceptLater(exchange);
        assertThat(stream.status()).isEqualTo(200);
        assertThat(stream.text(13)).isEqualTo("one two three");
    }

    @Test
    void deliversBytesAndFinOfAClientThatHasSaidAll() throws Exception {
        var stream = client.request(Heads.tcp());
        stream.data("all");
        stream.fin();
        front.service().acceptLater(front.service().next());
        assertThat(stream.status()).isEqualTo(200);
        assertThat(stream.rest()).asString(UTF_8).isEqualTo("all");
        assertThat(front.service().nextEnd()).isEqualTo(StreamEnd.FINISHED);
    }

    @Test
    @DisplayName("R2 5: datagrams before the answer wait within a cap and are delivered in order")
    void deliversDatagramsAfterTheAnswerInOrder() throws Exception {
        var stream = client.request(Heads.udp());
        var exchange = front.service().next();
        for (byte i = 0; i < 20; i++) {
            client.datagram(H3Bytes.udpDatagram(stream.id(), new byte[] {i}));
        }
        Await.until("drops", () -> front.listener().drops(DropReason.EARLY_OVERFLOW) == 4);
        assertThat(client.hasDatagram()).isFalse();
        front.service().acceptLater(exchange);
        assertThat(stream.status()).isEqualTo(200);
        var echoed = new ArrayList<Byte>();
        for (int i = 0; i < 16; i++) {
            echoed.add(client.nextDatagram()[2]);
        }
        assertThat(echoed).isSorted().doesNotHaveDuplicates().hasSize(16);
        assertThat(front.listener().dropped()).isEqualTo(4);
    }

    @Test
    void deliversCapsulesAfterTheAnswer() throws Exception {
        var stream = client.request(Heads.udp());
        stream.data(ByteBufUtil.getBytes(H3Bytes.udpCapsule("capsule".getBytes(UTF_8))));
        front.service().acceptLater(front.service().next());
        assertThat(stream.status()).isEqualTo(200);
        assertThat(client.nextDatagram()).endsWith("capsule".getBytes(UTF_8));
    }

    @Test
    void leavesCapsulesBeyondALittleToFlowControlUntilTheAnswer() throws Exception {
        var stream = client.request(Heads.udp());
        var exchange = front.service().next();
        for (int i = 0; i < 60; i++) {
            stream.data(ByteBufUtil.getBytes(H3Bytes.udpCapsule(new byte[1000])));
        }
        front.service().acceptLater(exchange);
        assertThat(stream.status()).isEqualTo(200);
        for (int i = 0; i < 60; i++) {
            assertThat(client.nextDatagram()).hasSize(1002);
        }
        assertThat(front.listener().dropped()).isZero();
    }

    @Test
    @DisplayName("case 87: what came before a refusal is let go")
    void letsGoOfWhatCameBeforeARefusal() throws Exception {
        var udp = client.request(Heads.udp());
        var exchange = front.service().next();
        client.datagram(H3Bytes.udpDatagram(udp.id(), new byte[100]));
        udp.data(new byte[100]);
        exchange.eventLoop()
                .execute(() -> exchange.refuse(RefusalReason.DNS_TIMEOUT.because("late")));
        var answer = udp.head();
        assertThat(answer.status()).isEqualTo(504);
        assertThat(answer.fields().first("proxy-status"))
                .contains("\"relay\";error=dns_timeout;details=\"late\"");
        assertThat(udp.rest()).isEmpty();
        assertThat(front.listener().refusals()).hasSize(1);
    }

    @Test
    void tellsATunnelWhoseClientHasLeftMeanwhile() throws Exception {
        var stream = client.request(Heads.tcp());
        stream.data("never mind");
        var exchange = front.service().next();
        stream.reset(0x10c);
        Await.until("abandoned", exchange::isAbandoned);
        front.service().acceptLater(exchange);
        assertThat(front.service().nextEnd()).isEqualTo(StreamEnd.RESET);
    }

    @Test
    void isAbandonedWhenTheClientOfADatagramTunnelLeaves() throws Exception {
        var stream = client.request(Heads.udp());
        stream.data(ByteBufUtil.getBytes(H3Bytes.udpCapsule("capsule".getBytes(UTF_8))));
        var exchange = front.service().next();
        stream.reset(0x10c);
        Await.until("abandoned", exchange::isAbandoned);
    }

    @Test
    void isAbandonedWhenTheConnectionEnds() throws Exception {
        var stream = client.request(Heads.udp());
        var exchange = front.service().next();
        client.datagram(H3Bytes.udpDatagram(stream.id(), new byte[100]));
        client.close();
        Await.until("abandoned", exchange::isAbandoned);
        front.service().acceptLater(exchange);
        assertThat(front.service().nextEnd()).isEqualTo(StreamEnd.RESET);
    }
}
