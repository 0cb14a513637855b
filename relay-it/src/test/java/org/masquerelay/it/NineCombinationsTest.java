package org.masquerelay.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.zip.CRC32;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.client.TcpTunnel;
import org.masquerelay.client.UdpTunnel;
import org.masquerelay.tunnel.HttpVersion;

/// Every HTTP version of the client over every HTTP version between the relays.
final class NineCombinationsTest {
    private static final int TCP_BYTES = 100 * 1000 * 1000;
    private static final int DATAGRAMS = 10_000;
    private static final int DATAGRAM_BYTES = 1000;

    /// Datagrams on their way at a time: less than a socket buffer holds.
    private static final int WINDOW = 64;

    /// A datagram that has not come back by then is lost, however busy the machine is.
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    @TempDir Path directory;

    @TestFactory
    List<DynamicTest> carriesBytesAndDatagrams() {
        var tests = new ArrayList<DynamicTest>();
        for (var upstream : HttpVersion.values()) {
            for (var client : HttpVersion.values()) {
                tests.add(
                        DynamicTest.dynamicTest(
                                "case 93: client %s, upstream %s"
                                        .formatted(client.tag(), upstream.tag()),
                                () -> carries(client, upstream)));
            }
        }
        return tests;
    }

    private void carries(HttpVersion client, HttpVersion upstream) throws Exception {
        try (var targets = new Targets();
                var hops =
                        TwoHops.start(
                                directory,
                                List.of(
                                        "--relay.event-loops=1",
                                        "--relay.egress.allow-private=true"),
                                List.of(
                                        "--relay.event-loops=1",
                                        "--relay.upstream.transports=" + upstream.tag()));
                var relay = hops.connect(client)) {
            var paying = hops.paying(relay);
            try (var tunnel = paying.openTcp(targets.tcp())) {
                echoes(tunnel);
            }
            try (var tunnel = paying.openUdp(targets.udp())) {
                int lost = DATAGRAMS - echoes(tunnel);
                assertThat((double) lost).isLessThanOrEqualTo(hops.drops());
            }
            Await.until(
                    "no tunnel is active",
                    () ->
                            TwoHops.gauge(hops.ingressMeters(), "masque.tunnels.active") == 0
                                    && TwoHops.gauge(hops.egressMeters(), "masque.tunnels.active")
                                            == 0);
        }
        LeakPresenceDetector.check();
    }

    /// Sends all, half-closes, and reads all back to the end.
    private static void echoes(TcpTunnel tunnel) throws Exception {
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var sent = executor.submit((Callable<Long>) () -> send(tunnel));
            var read = executor.submit((Callable<Long>) () -> read(tunnel));
            assertThat(read.get()).isEqualTo(sent.get());
        }
    }

    private static long send(TcpTunnel tunnel) throws IOException {
        var random = new Random(1);
        var checksum = new CRC32();
        var chunk = new byte[50_000];
        var out = tunnel.output();
        for (int sent = 0; sent < TCP_BYTES; sent += chunk.length) {
            random.nextBytes(chunk);
            checksum.update(chunk);
            out.write(chunk);
        }
        out.close();
        return checksum.getValue();
    }

    private static long read(TcpTunnel tunnel) throws IOException {
        var checksum = new CRC32();
        var buffer = new byte[64 * 1024];
        long total = 0;
        for (int n = tunnel.input().read(buffer); n >= 0; n = tunnel.input().read(buffer)) {
            checksum.update(buffer, 0, n);
            total += n;
        }
        assertThat(total).isEqualTo(TCP_BYTES);
        return checksum.getValue();
    }

    /// How many different datagrams came back.
    private static int echoes(UdpTunnel tunnel) throws IOException {
        var seen = new BitSet(DATAGRAMS);
        int next = 0;
        int lost = 0;
        while (next < DATAGRAMS || seen.cardinality() + lost < DATAGRAMS) {
            while (next < DATAGRAMS && next - seen.cardinality() - lost < WINDOW) {
                tunnel.send(ByteBuffer.allocate(DATAGRAM_BYTES).putInt(next++).array());
            }
            var answer = tunnel.receive(PATIENCE);
            if (answer.isPresent()) {
                seen.set(ByteBuffer.wrap(answer.get()).getInt());
            } else {
                lost = next - seen.cardinality();
            }
        }
        return seen.cardinality();
    }
}
