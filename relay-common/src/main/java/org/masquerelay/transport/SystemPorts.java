package org.masquerelay.transport;

import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// The ports that the kernel chooses from, as they were when the relay started.
final class SystemPorts {
    /// Holds for IPv6 too.
    private static final Path RANGE = Path.of("/proc/sys/net/ipv4/ip_local_port_range");

    private static final int MAX_LENGTH = 64;

    /// What Linux and others have without further ado.
    private static final SourcePorts STANDARD = new SourcePorts(32_768, 60_999);

    private static final Optional<SourcePorts> RANGE_OF_HOST = read();
    private static final boolean NARROWABLE = EventLoops.usesEpoll() && knowsTheOption();

    private SystemPorts() {}

    /// Whether the kernel can choose from these ports itself, for one socket: since Linux 6.3, and
    /// only within the range that it has for all of them.
    static boolean canNarrowTo(SourcePorts ports) {
        return NARROWABLE && RANGE_OF_HOST.isPresent() && RANGE_OF_HOST.get().contains(ports);
    }

    /// How many there are, as far as this host tells.
    static int count() {
        return RANGE_OF_HOST.orElse(STANDARD).count();
    }

    private static Optional<SourcePorts> read() {
        // Linux gives out such a file in the first read alone, and Files.readString() starts with
        // one of a single byte.
        try (var file = Files.newInputStream(RANGE)) {
            var text = new String(file.readNBytes(MAX_LENGTH), StandardCharsets.US_ASCII);
            var range = text.strip().split("\\s+", -1);
            return Optional.of(
                    new SourcePorts(
                            Integer.parseInt(range[0]), Integer.parseInt(range[range.length - 1])));
        } catch (IOException | IllegalArgumentException _) {
            return Optional.empty(); // The relay chooses by itself then.
        }
    }

    private static boolean knowsTheOption() {
        try {
            var socket = Socket.newSocketDgram();
            try {
                var option = SourceOptions.LOCAL_PORT_RANGE;
                socket.setIntOpt(option.level(), option.optname(), 0);
                return true;
            } finally {
                socket.close();
            }
        } catch (IOException | RuntimeException _) {
            return false;
        }
    }
}
