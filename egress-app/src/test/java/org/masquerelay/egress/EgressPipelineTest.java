package org.masquerelay.egress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.client.RelayClient;
import org.masquerelay.http.FrontSettings;
import org.masquerelay.http.FrontSettings.ClientCertificates;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.transport.ConnectionSettings;
import org.masquerelay.tunnel.Drain;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;

final class EgressPipelineTest {
    @TempDir Path directory;

    @Test
    void carriesDatagramsAndBytesToTargets() throws Exception {
        var pki = DevelopmentPki.open(directory, Clock.systemUTC());
        var front =
                new FrontSettings(
                        "h3",
                        "egress",
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        List.of(UriTemplate.UDP),
                        256,
                        1000,
                        ConnectionSettings.STANDARD,
                        ClientCertificates.REQUIRED);
        var settings =
                new EgressSettings(
                        true,
                        List.of(),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(2),
                        Duration.ofMinutes(2),
                        Duration.ofMinutes(10));
        var parts =
                new EgressPipeline.Parts(
                        2,
                        List.of(front),
                        pki::egressServer,
                        settings,
                        new Drain(),
                        TunnelListener.SILENT);
        try (var pipeline = EgressPipeline.start(parts);
                var echo = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> echoDatagrams(echo));
            Thread.ofVirtual().start(() -> echoBytes(server));
            int port = pipeline.addresses().getFirst().getPort();
            try (var client =
                    RelayClient.connect(
                            new RelayClient.Settings(
                                    new HostPort("127.0.0.1", port),
                                    "localhost",
                                    pki.ingressUpstream(),
                                    UriTemplate.UDP,
                                    Duration.ofSeconds(5)))) {
                try (var udp =
                        client.openUdp(
                                new HostPort("127.0.0.1", echo.getLocalPort()),
                                HeaderFields.NONE)) {
                    udp.send("ping".getBytes(UTF_8));
                    assertThat(udp.receive(Duration.ofSeconds(2)))
                            .hasValueSatisfying(
                                    answer -> assertThat(answer).asString(UTF_8).isEqualTo("ping"));
                }
                try (var tcp =
                        client.openTcp(
                                new HostPort("127.0.0.1", server.getLocalPort()),
                                HeaderFields.NONE)) {
                    tcp.output().write("hello".getBytes(UTF_8));
                    tcp.output().close();
                    assertThat(tcp.input().readAllBytes()).asString(UTF_8).isEqualTo("hello");
                }
            }
        }
    }

    private static void echoDatagrams(DatagramSocket socket) {
        var packet = new DatagramPacket(new byte[2048], 2048);
        try {
            while (true) {
                socket.receive(packet);
                socket.send(packet);
            }
        } catch (IOException _) {
            // The test is over.
        }
    }

    private static void echoBytes(ServerSocket server) {
        try (var socket = server.accept()) {
            socket.getInputStream().transferTo(socket.getOutputStream());
        } catch (IOException _) {
            // The test is over.
        }
    }
}
