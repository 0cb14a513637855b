package org.masquerelay.cli.targets;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.dns.DnsRecordType;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.masquerelay.cli.dns.DnsAnswer;
import org.masquerelay.cli.dns.DnsMessages;

final class DnsTargetTest {
    private static final int PATIENCE_MILLIS = 5_000;

    private final DnsTarget target;
    private final DatagramSocket socket;

    DnsTargetTest() throws IOException {
        target = DnsTarget.start();
        socket = new DatagramSocket();
    }

    @BeforeEach
    void connect() throws IOException {
        socket.connect(target.address());
        socket.setSoTimeout(PATIENCE_MILLIS);
    }

    @AfterEach
    void close() {
        socket.close();
        target.close();
    }

    @Test
    void answersWithTheAddressOfATarget() throws Exception {
        var answer = ask(DnsZone.WEB, DnsRecordType.A);

        assertThat(answer.code()).isEqualTo("NOERROR");
        assertThat(answer.lines()).extracting(DnsAnswer.Line::content).containsExactly("127.0.0.1");
    }

    @Test
    void answersWithoutRegardToCase() throws Exception {
        assertThat(ask("WEB.Demo.Test", DnsRecordType.A).lines()).hasSize(1);
    }

    @Test
    void answersManyNamesDifferently() throws Exception {
        for (int number : new int[] {0, 7, 255}) {
            assertThat(ask(DnsZone.numbered(number), DnsRecordType.A).lines())
                    .extracting(DnsAnswer.Line::content)
                    .containsExactly("192.0.2." + number);
        }
        assertThat(ask(DnsZone.numbered(256), DnsRecordType.A).code()).isEqualTo("NXDOMAIN");
    }

    @Test
    void answersWithText() throws Exception {
        assertThat(ask(DnsZone.GREETING, DnsRecordType.TXT).lines())
                .extracting(DnsAnswer.Line::content)
                .containsExactly('"' + DnsZone.GREETING_TEXT + '"');
    }

    @Test
    void hasNoRecordOfAnotherTypeButKnowsTheName() throws Exception {
        var answer = ask(DnsZone.WEB, DnsRecordType.AAAA);

        assertThat(answer.code()).isEqualTo("NOERROR");
        assertThat(answer.lines()).isEmpty();
    }

    @Test
    void knowsNothingBeyondItsZone() throws Exception {
        assertThat(ask("example.com", DnsRecordType.A).code()).isEqualTo("NXDOMAIN");
    }

    @Test
    void outlivesADatagramThatIsNoQuery() throws Exception {
        socket.send(new DatagramPacket(new byte[] {1, 2, 3}, 3));

        assertThat(ask(DnsZone.WEB, DnsRecordType.A).lines()).hasSize(1);
    }

    private DnsAnswer ask(String name, DnsRecordType type) throws IOException {
        byte[] query = DnsMessages.query(42, name, type);
        socket.send(new DatagramPacket(query, query.length));
        var packet = new DatagramPacket(new byte[512], 512);
        socket.receive(packet);
        var answer = DnsMessages.answer(Arrays.copyOf(packet.getData(), packet.getLength()));
        assertThat(answer.id()).isEqualTo(42);
        return answer;
    }
}
