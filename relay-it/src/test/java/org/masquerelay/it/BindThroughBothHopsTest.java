package org.masquerelay.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.testkit.RawBindTunnel;
import org.masquerelay.testkit.RawH3Client;
import org.masquerelay.tunnel.HeaderField;

/// Bind tunnels of a client that talks to the ingress only.
@Timeout(60)
final class BindThroughBothHopsTest {
    private static final String BIND = "--relay.listeners[0].udp-bind=true";
    private static final List<String> LOOPBACK =
            List.of("--relay.egress.allow-private=true", "--relay.egress.bind.addresses=127.0.0.1");

    @TempDir Path directory;

    private static List<String> and(List<String> arguments, String one) {
        var all = new ArrayList<>(arguments);
        all.add(one);
        return all;
    }

    private static RawH3Client connect(TwoHops hops) throws Exception {
        var settings = hops.clientSettings();
        return RawH3Client.connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), settings.relay().port()),
                settings.tls());
    }

    private static RawBindTunnel ask(RawH3Client client, TwoHops hops, String host, String port)
            throws Exception {
        try (var relay = hops.connect()) {
            var fields = new ArrayList<String>();
            for (HeaderField line : hops.payment(relay)) {
                fields.add(line.name());
                fields.add(line.value());
            }
            return RawBindTunnel.askWith(client, host, port, "?1", fields.toArray(String[]::new));
        }
    }

    private static DatagramPacket receive(DatagramSocket socket) throws Exception {
        var packet = new DatagramPacket(new byte[2048], 2048);
        socket.receive(packet);
        return packet;
    }

    private static void answer(DatagramSocket from, DatagramPacket question, String text)
            throws Exception {
        var bytes = text.getBytes(UTF_8);
        from.send(new DatagramPacket(bytes, bytes.length, question.getSocketAddress()));
    }

    @Test
    @DisplayName("102 R10 2 capsules and contexts pass the ingress, and so does the public address")
    void carriesThroughBothHops() throws Exception {
        try (var hops = TwoHops.start(directory, and(LOOPBACK, BIND), List.of(BIND));
                var client = connect(hops);
                var peer = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            peer.setSoTimeout(10_000);
            var address = (InetSocketAddress) peer.getLocalSocketAddress();
            var tunnel = ask(client, hops, "%2A", "%2A");
            var head = tunnel.stream().head();
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.fields().all("connect-udp-bind")).containsExactly("?1");

            tunnel.assign(2);
            tunnel.awaitAck(2);
            tunnel.sendTo(2, address, "uncompressed".getBytes(UTF_8));
            var question = receive(peer);
            assertThat(question.getLength()).isEqualTo("uncompressed".length());
            assertThat(head.fields().all("proxy-public-address"))
                    .containsExactly("\"127.0.0.1:" + question.getPort() + "\"");
            answer(peer, question, "answer");
            var fromPeer = tunnel.nextFrom(2);
            assertThat(fromPeer.peer()).isEqualTo(address);
            assertThat(fromPeer.payload()).asString(UTF_8).isEqualTo("answer");

            tunnel.assign(4, address);
            tunnel.awaitAck(4);
            tunnel.send(4, "compressed".getBytes(UTF_8));
            var second = receive(peer);
            assertThat(Arrays.copyOf(second.getData(), second.getLength()))
                    .asString(UTF_8)
                    .isEqualTo("compressed");
            assertThat(second.getSocketAddress()).isEqualTo(question.getSocketAddress());
            answer(peer, second, "answer");
            assertThat(tunnel.next().contextId()).isEqualTo(4);

            tunnel.assign(2); // Used before.
            assertThat(tunnel.stream().resetCode()).isPositive();
        }
    }

    @Test
    @DisplayName("103 R10 2 the ingress takes no answer of an egress that did not bind")
    void refusesAnEgressThatDoesNotBind() throws Exception {
        try (var hops = TwoHops.start(directory, LOOPBACK, List.of(BIND));
                var client = connect(hops);
                var peer = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            assertThat(ask(client, hops, "%2A", "%2A").stream().status()).isEqualTo(400);
            var port = Integer.toString(peer.getLocalPort());
            var head = ask(client, hops, "127.0.0.1", port).stream().head();
            assertThat(head.status()).isEqualTo(502);
            assertThat(head.fields().first("proxy-status").orElseThrow())
                    .contains("error=http_protocol_error");
        }
    }
}
