package org.masquerelay.boot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.boot.qlog.QlogEventType;
import org.masquerelay.observe.PacketInterest;
import org.springframework.boot.context.properties.bind.BindException;

final class QlogPropertiesTest {
    @TempDir Path directory;

    private QlogProperties properties(String... events) {
        return Bound.to(
                QlogProperties.class,
                Map.of(
                        "enabled",
                        "true",
                        "directory",
                        directory.resolve("qlog").toString(),
                        "events",
                        String.join(",", events)));
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

    @ParameterizedTest
    @EnumSource
    void takesEachEventByItsNameInFiles(QlogEventType type) {
        assertThat(properties(type.toString()).events()).containsExactly(type);
    }

    @Test
    void takesNoOtherNames() {
        assertThatThrownBy(() -> properties("masque:tunnel_open", "packet_lost"))
                .isInstanceOf(BindException.class);
    }

    @Test
    void opensNothingUnasked() {
        var directory = this.directory.resolve("qlog");
        var off = Bound.to(QlogProperties.class, Map.of("directory", directory.toString()));
        assertThat(off.open("relay")).isEmpty();
        assertThat(directory).doesNotExist();
    }
}
