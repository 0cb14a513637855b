package org.masquerelay.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.UdpForwarder;
import org.masquerelay.tunnel.HttpVersion;
import tech.kwik.core.QuicClientConnection;
import tech.kwik.core.impl.QuicClientConnectionImpl;

/// What both hops write down of a client's tunnels.
@Timeout(90)
final class QlogTest {
    @TempDir Path directory;

    private List<String> qlog(String hop) {
        return List.of(
                "--relay.qlog.enabled=true", "--relay.qlog.directory=" + directory.resolve(hop));
    }

    private static String all(Path hop) throws IOException {
        var texts = new StringBuilder();
        try (var files = Files.newDirectoryStream(hop, "*.sqlog.gz")) {
            for (var file : files) {
                try (var in = new GZIPInputStream(Files.newInputStream(file))) {
                    texts.append(new String(in.readAllBytes(), UTF_8));
                }
                texts.append(file.getFileName());
            }
        }
        return texts.toString();
    }

    /// What there is of connections that are still open.
    private static boolean isWritten(Path hop, String event) {
        try (var files = Files.newDirectoryStream(hop, "*.sqlog")) {
            for (var file : files) {
                if (Files.readString(file).contains(event)) {
                    return true;
                }
            }
            return false;
        } catch (NoSuchFileException _) {
            return false; // It was compressed meanwhile.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void tellsOfTunnelsAndNotWhoseTheyAreOrWhereTheyLead() throws Exception {
        var egress = new java.util.ArrayList<>(qlog("egress"));
        egress.add("--relay.egress.allow-private=true");
        try (var targets = new Targets();
                var hops = TwoHops.start(directory, egress, qlog("ingress"))) {
            try (var relay = hops.connect(HttpVersion.H3)) {
                var paying = hops.paying(relay);
                try (var udp = paying.openUdp(targets.udp())) {
                    udp.send("ping".getBytes(UTF_8));
                    assertThat(udp.receive(Duration.ofSeconds(5))).isPresent();
                }
                paying.openTcp(targets.tcp()).close();
            }
            hops.close();

            for (var hop : List.of("ingress", "egress")) {
                assertThat(all(directory.resolve(hop)))
                        .as(hop)
                        .contains("\"type\":\"server\"")
                        .contains("connectivity:connection_started")
                        .contains("connectivity:connection_closed")
                        .contains("{\"tunnel\":0,\"protocol\":\"udp\"}")
                        .contains("{\"tunnel\":1,\"protocol\":\"tcp\"}")
                        .contains("masque:tunnel_closed")
                        .doesNotContain("127.0.0.1")
                        .doesNotContain("localhost")
                        .doesNotContain(":" + targets.udp().port())
                        .doesNotContain(":" + targets.tcp().port())
                        .doesNotContain("cid");
            }
            assertThat(all(directory.resolve("ingress"))).contains("\"type\":\"client\"");
        }
    }

    /// By way of a path that repeats packets damaged, a client of QUIC that updates its keys.
    @Test
    void tellsOfDroppedPacketsAndOfUpdatesOfKeys() throws Exception {
        var ingress = directory.resolve("ingress");
        var egress = List.of("--relay.egress.allow-private=true");
        try (var hops = TwoHops.start(directory, egress, qlog("ingress"));
                var between = new UdpForwarder(hops.ingressAddress(0))) {
            var client =
                    (QuicClientConnectionImpl)
                            QuicClientConnection.newBuilder()
                                    .host("localhost")
                                    .port(between.address().getPort())
                                    .applicationProtocol("h3")
                                    .noServerCertificateCheck()
                                    .build();
            client.connect();
            between.sendTwice(packet -> {
                packet[packet.length - 1] ^= 1;
                return packet;
            });
            client.ping();
            Await.until("a drop", () -> isWritten(ingress, "transport:packet_dropped"));
            between.sendOnce();
            client.updateKeys();
            client.ping();
            Await.until("an update", () -> isWritten(ingress, "remote_update"));
            client.closeAndWait();
            hops.close();

            assertThat(all(ingress))
                    .contains("{\"header\":{\"packet_type\":\"1RTT\"},\"raw\":{\"length\":")
                    .contains(updated("client"))
                    .contains(updated("server"));
        }
    }

    private static String updated(String side) {
        return "\"key_type\":\""
                + side
                + "_1rtt_secret\",\"generation\":1,\"trigger\":\"remote_update\"";
    }
}
