package org.masquerelay.boot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.observe.PacketInterest;
import org.springframework.util.unit.DataSize;

final class QlogPropertiesTest {
    @TempDir Path directory;

    private QlogProperties properties(String... events) {
        return new QlogProperties(
                true,
                directory.resolve("qlog"),
                List.of(events),
                1,
                10,
                DataSize.ofKilobytes(4),
                Duration.ofDays(1),
                DataSize.ofMegabytes(1),
                true);
    }

    private PacketInterest interest(String... events) {
        try (var qlog = properties(events).open("relay").orElseThrow()) {
            return qlog.packetInterest();
        }
    }

    @Test
    void writesEveryEventUnlessSomeAreNamed() {
        assertThat(interest()).isEqualTo(PacketInterest.DROPS_AND_KEYS);
        assertThat(interest("masque:tunnel_open")).isEqualTo(PacketInterest.NONE);
        assertThat(
                        interest(
                                "connectivity:connection_started",
                                "connectivity:connection_closed",
                                "transport:packet_dropped",
                                "security:key_updated",
                                "masque:tunnel_open",
                                "masque:tunnel_closed",
                                "masque:capsule_received"))
                .isEqualTo(PacketInterest.DROPS_AND_KEYS);
    }

    @Test
    void namesTheEventsThatThereAre() {
        assertThatThrownBy(() -> properties("masque:tunnel_open", "packet_lost").open("relay"))
                .isInstanceOf(BadSettingException.class)
                .hasMessage("relay.qlog.events has an event that is not known: packet_lost")
                .extracting(failure -> ((BadSettingException) failure).action())
                .asString()
                .startsWith("Set it to some of connectivity:connection_started, ")
                .contains("security:key_updated");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void opensNothingUnasked() throws IOException {
        var off =
                new QlogProperties(
                        false,
                        directory.resolve("qlog"),
                        List.of(),
                        1,
                        10,
                        DataSize.ofKilobytes(4),
                        Duration.ofDays(1),
                        DataSize.ofMegabytes(1),
                        true);
        assertThat(off.open("relay")).isEmpty();
        assertThat(Files.exists(directory.resolve("qlog"))).isFalse();
    }
}
