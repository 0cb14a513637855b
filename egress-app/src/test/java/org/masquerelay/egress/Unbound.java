package org.masquerelay.egress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/// A validating recursive DNS server on a free port of the loopback address, with the zones of
/// `dns/` among the resources; it asks `other` about other.test.
///
/// Where no unbound is installed the test is skipped, unless RELAY_REQUIRE_DNS is set.
final class Unbound implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /// A query for the address of host.plain.test.
    private static final byte[] QUERY =
            "\0\1\1\0\0\1\0\0\0\0\0\0\4host\5plain\4test\0\0\1\0\1".getBytes(UTF_8);

    private final Process process;
    private final InetSocketAddress address;

    private Unbound(Process process, InetSocketAddress address) {
        this.process = process;
        this.address = address;
    }

    static Unbound start(Path home, InetSocketAddress other) throws Exception {
        assumeTrue(
                isInstalled() || System.getenv("RELAY_REQUIRE_DNS") != null,
                "unbound is not installed: install it to run this test");
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), freePort());
        for (var zone : new String[] {"plain.zone", "signed.zone"}) {
            Files.writeString(home.resolve(zone), resource(zone));
        }
        var configuration =
                resource("unbound.conf")
                        .replace("@PORT@", Integer.toString(address.getPort()))
                        .replace("@OTHER@", Integer.toString(other.getPort()))
                        .replace("@HOME@", home.toString());
        var file = Files.writeString(home.resolve("unbound.conf"), configuration);
        var log = home.resolve("unbound.log");
        var process =
                new ProcessBuilder("unbound", "-d", "-c", file.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        var server = new Unbound(process, address);
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!server.answers()) {
            if (System.nanoTime() > end || !process.isAlive()) {
                server.close();
                throw new AssertionError("unbound: " + Files.readString(log));
            }
        }
        return server;
    }

    private static boolean isInstalled() throws InterruptedException {
        try {
            return new ProcessBuilder("unbound", "-V")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException _) {
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static String resource(String name) throws IOException {
        try (var in = Unbound.class.getResourceAsStream("/dns/" + name)) {
            return new String(Objects.requireNonNull(in).readAllBytes(), UTF_8);
        }
    }

    InetSocketAddress address() {
        return address;
    }

    private boolean answers() throws IOException {
        try (var socket = new DatagramSocket()) {
            socket.setSoTimeout(100);
            socket.send(new DatagramPacket(QUERY, QUERY.length, address));
            var answer = new DatagramPacket(new byte[512], 512);
            socket.receive(answer);
            return (ByteBuffer.wrap(answer.getData()).getShort(2) & 0xf) == 0;
        } catch (IOException _) {
            return false;
        }
    }

    @Override
    public void close() throws Exception {
        process.destroyForcibly();
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }
}
