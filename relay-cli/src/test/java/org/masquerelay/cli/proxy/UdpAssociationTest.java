package org.masquerelay.cli.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.cli.proxy.RunningProxy.Client;

@Timeout(60)
final class UdpAssociationTest {
    private static final Duration IDLE = Duration.ofSeconds(1);
    private static final String ANY = "000000000000";

    private final DirectTunnels tunnels = new DirectTunnels();
    private final DatagramSocket target = socket();
    private final DatagramSocket other = socket();
    private final DatagramSocket mine = socket();
    private final RunningProxy proxy;

    UdpAssociationTest() throws IOException {
        var settings = RunningProxy.settings();
        proxy =
                new RunningProxy(
                        LocalProxy.listen(
                                new LocalProxy.Settings(
                                        settings.listen(),
                                        settings.protocols(),
                                        settings.maxClients(),
                                        settings.patience(),
                                        settings.halfClosedIdle(),
                                        2,
                                        new UdpAssociation.Settings(2, IDLE, IDLE)),
                                tunnels));
    }

    private static DatagramSocket socket() throws IOException {
        var socket = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0));
        socket.setSoTimeout(10_000);
        return socket;
    }

    @AfterEach
    void stop() {
        proxy.close();
        target.close();
        other.close();
        mine.close();
    }

    @Test
    void carriesDatagramsBothWays() throws Exception {
        try (var client = proxy.connect()) {
            var relay = associate(client, ANY);
            String header = header(target);

            send(mine, relay, header + "0102");
            var question = receive(target);
            answer(target, question, "030405");

            assertThat(hex(question)).isEqualTo("0102");
            assertThat(hex(receive(mine))).isEqualTo(header + "030405");
        }
    }

    @Test
    void repeatsANameInTheAnswerAsItWasWritten() throws Exception {
        try (var client = proxy.connect()) {
            var relay = associate(client, ANY);
            String header = "00000003" + "05576562456e" + port(target);

            send(mine, relay, header + "01");
            answer(target, receive(target), "02");

            assertThat(hex(receive(mine))).isEqualTo(header + "02");
        }
    }

    @Test
    void hasOneTunnelForEachTarget() throws Exception {
        try (var client = proxy.connect()) {
            var relay = associate(client, ANY);
            for (int i = 0; i < 3; i++) {
                send(mine, relay, header(target) + "01");
                receive(target);
                send(mine, relay, header(other) + "02");
                receive(other);
            }
            assertThat(tunnels.udpOpened).hasValue(2);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "000001017f000001PORT", // a fragment
                "000101017f000001PORT",
                "010000017f000001PORT", // reserved bytes in use
                "000000027f000001PORT", // an unknown type
                "000000030050", // no name
                "0000000100", // cut short
                ""
            })
    void dropsWhatIsMalformedOrAFragment(String wrong) throws Exception {
        try (var client = proxy.connect()) {
            var relay = associate(client, ANY);

            send(mine, relay, wrong.replace("PORT", port(target)) + "66");
            send(mine, relay, header(target) + "01");

            assertThat(hex(receive(target))).isEqualTo("01");
            assertThat(tunnels.udpOpened).hasValue(1);
        }
    }

    @Test
    void hearsNobodyButTheFirstSender() throws Exception {
        try (var client = proxy.connect();
                var stranger = socket()) {
            var relay = associate(client, ANY);
            send(mine, relay, header(target) + "01");
            var question = receive(target);

            send(stranger, relay, header(target) + "66");
            send(mine, relay, header(target) + "02");
            assertThat(hex(receive(target))).isEqualTo("02");
            answer(target, question, "03");
            assertThat(hex(receive(mine))).endsWith("03");
        }
    }

    @Test
    void hearsTheAnnouncedPortOnly() throws Exception {
        try (var client = proxy.connect();
                var stranger = socket()) {
            var relay = associate(client, "00000000" + port(mine));

            send(stranger, relay, header(target) + "66");
            send(mine, relay, header(target) + "01");

            assertThat(hex(receive(target))).isEqualTo("01");
        }
    }

    @Test
    void endsWithItsConnection() throws Exception {
        InetSocketAddress relay;
        try (var client = proxy.connect()) {
            relay = associate(client, ANY);
            send(mine, relay, header(target) + "01");
            receive(target);
            Waiting.until("a tunnel", () -> tunnels.udpOpen.get() == 1);
        }

        Waiting.until("no tunnel", () -> tunnels.udpOpen.get() == 0);
        var port = relay.getPort();
        Waiting.until("the port is free", () -> isFree(port));
    }

    private static boolean isFree(int port) {
        try (var _ = new DatagramSocket(new InetSocketAddress("127.0.0.1", port))) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void closesTheTunnelOfATargetThatIsNotUsed() throws Exception {
        try (var client = proxy.connect()) {
            var relay = associate(client, ANY);
            send(mine, relay, header(target) + "01");
            receive(target);

            Waiting.until("no tunnel", () -> tunnels.udpOpen.get() == 0);

            send(mine, relay, header(target) + "02");
            assertThat(hex(receive(target))).isEqualTo("02");
            assertThat(tunnels.udpOpened).hasValue(2);
        }
    }

    @Test
    void givesTheTargetUpThatIsUnusedForLongest() throws Exception {
        try (var client = proxy.connect();
                var third = socket()) {
            var relay = associate(client, ANY);
            for (var to : new DatagramSocket[] {target, other, third, other}) {
                send(mine, relay, header(to) + "01");
                receive(to);
            }
            assertThat(tunnels.udpOpened).hasValue(3);
            Waiting.until("two tunnels", () -> tunnels.udpOpen.get() <= 2);
        }
    }

    @Test
    void leavesARefusedTargetAloneForAWhile() throws Exception {
        tunnels.refuses = true;
        try (var client = proxy.connect()) {
            var relay = associate(client, ANY);
            send(mine, relay, header(target) + "01");
            Waiting.until("it was asked for", () -> tunnels.udpOpened.get() == 1);
            send(mine, relay, header(target) + "02");
            send(mine, relay, header(target) + "03");
            tunnels.refuses = false;

            Waiting.until(
                    "it was asked for again",
                    () -> {
                        sendQuietly(relay);
                        return tunnels.udpOpened.get() == 2;
                    });

            assertThat(hex(receive(target))).isEqualTo("04");
        }
    }

    private void sendQuietly(InetSocketAddress relay) {
        try {
            send(mine, relay, header(target) + "04");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void hasABoundOnAssociations() throws Exception {
        try (var one = proxy.connect();
                var two = proxy.connect();
                var three = proxy.connect()) {
            associate(one, ANY);
            associate(two, ANY);
            three.sends("050100");
            three.reads(2);
            three.sends("05030001" + ANY);
            assertThat(three.reads(10)).isEqualTo("05010001000000000000");

            one.close();

            Waiting.until(
                    "a place is free",
                    () -> {
                        try (var four = proxy.connect()) {
                            associate(four, ANY);
                            return true;
                        } catch (IOException e) {
                            return false;
                        }
                    });
        }
    }

    @Test
    void answersNobodyBeforeTheClientHasSent() throws Exception {
        try (var client = proxy.connect()) {
            var relay = associate(client, ANY);
            mine.setSoTimeout(300);
            send(mine, relay, "00");
            assertThatThrownBy(() -> receive(mine)).isInstanceOf(SocketTimeoutException.class);
        }
    }

    private static InetSocketAddress associate(Client client, String announced) throws IOException {
        client.sends("050100");
        client.reads(2);
        client.sends("05030001" + announced);
        String reply = client.reads(10);
        if (!reply.startsWith("050000017f000001")) {
            throw new IOException("no association: " + reply);
        }
        return new InetSocketAddress(
                InetAddress.getLoopbackAddress(), Integer.parseInt(reply.substring(16), 16));
    }

    private static String header(DatagramSocket to) {
        return "000000017f000001" + port(to);
    }

    private static String port(DatagramSocket socket) {
        return HexFormat.of().toHexDigits((short) socket.getLocalPort());
    }

    private static void send(DatagramSocket from, InetSocketAddress to, String hex)
            throws IOException {
        byte[] bytes = HexFormat.of().parseHex(hex);
        from.send(new DatagramPacket(bytes, bytes.length, to));
    }

    private static DatagramPacket receive(DatagramSocket socket) throws IOException {
        var packet = new DatagramPacket(new byte[2048], 2048);
        socket.receive(packet);
        return packet;
    }

    private static void answer(DatagramSocket from, DatagramPacket question, String hex)
            throws IOException {
        send(from, (InetSocketAddress) question.getSocketAddress(), hex);
    }

    private static String hex(DatagramPacket packet) {
        return HexFormat.of().formatHex(Arrays.copyOf(packet.getData(), packet.getLength()));
    }
}
