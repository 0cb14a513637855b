package org.masquerelay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.masquerelay.wire.HostPort;

final class SuggestionsTest {
    private static final Path CA = Path.of(".relay/target.crt");

    @Test
    void namesTheCommandsThatTheReadmeNames() {
        assertThat(
                        new Suggestions(
                                        new HostPort("localhost", 4443),
                                        new HostPort("localhost", 4434),
                                        CA,
                                        1,
                                        2)
                                .commands())
                .containsExactly(
                        "./relay get --cacert '.relay/target.crt' https://localhost:1/",
                        "./relay get --nested --cacert '.relay/target.crt' https://localhost:1/",
                        "./relay udp localhost:2 --dns hello.demo.test --type TXT",
                        "./relay token",
                        "./relay proxy");
    }

    @Test
    void namesTheRelayWhereItListensElsewhere() {
        assertThat(
                        new Suggestions(
                                        new HostPort("localhost", 5),
                                        new HostPort("localhost", 6),
                                        CA,
                                        1,
                                        2)
                                .commands())
                .allMatch(command -> command.contains(" --relay localhost:5"))
                .anyMatch(command -> command.contains(" --nested=localhost:6 "));
    }
}
