package org.masquerelay.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

final class WorkDirectoryTest {
    private static WorkDirectory used() throws IOException {
        var directory = WorkDirectory.make("work-directory-test-");
        Files.createDirectory(directory.path().resolve("pki"));
        Files.writeString(directory.path().resolve("pki").resolve("server.key"), "secret");
        Files.writeString(directory.path().resolve("ingress.log"), "said");
        return directory;
    }

    @Test
    void isGoneAfterSuccess() throws Exception {
        var directory = used();
        directory.succeeded(true);

        directory.close();

        assertThat(directory.path()).doesNotExist();
    }

    @Test
    void keepsTheLogsAloneAfterAFailure() throws Exception {
        var directory = used();

        directory.close();

        try (var left = Files.list(directory.path())) {
            assertThat(left).containsExactly(directory.path().resolve("ingress.log"));
        }
        directory.succeeded(true);
        directory.close();
    }

    @Test
    void canBeClosedTwice() throws Exception {
        var directory = used();
        directory.succeeded(true);

        directory.close();
        directory.close();

        assertThat(directory.path()).doesNotExist();
    }
}
