package org.masquerelay.gate.basic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.testkit.Await;
import org.slf4j.LoggerFactory;

final class UsersFileTest {
    private static final Duration OFTEN = Duration.ofMillis(10);

    @TempDir private Path directory = Path.of("");

    private final Logger logger = (Logger) LoggerFactory.getLogger(UsersFile.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        log.list = new CopyOnWriteArrayList<>();
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void listenNoMore() {
        logger.detachAppender(log);
    }

    private static boolean knows(UsersFile file, String name) {
        return file.get().find(name).isPresent();
    }

    private List<String> messages() {
        return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Test
    void followsTheFile() throws Exception {
        var path = Files.writeString(directory.resolve("users"), Hashes.line("alice", "one"));
        try (var file = UsersFile.open(path, OFTEN)) {
            assertThat(knows(file, "alice")).isTrue();

            var next = Files.writeString(directory.resolve("next"), Hashes.line("bob", "two"));
            Files.move(next, path, StandardCopyOption.ATOMIC_MOVE);

            Await.until("the new user is known", () -> knows(file, "bob"));
            assertThat(knows(file, "alice")).isFalse();
        }
    }

    @Test
    void keepsTheUsersWhileTheFileIsBadAndSaysSoOnce() throws Exception {
        var path = Files.writeString(directory.resolve("users"), Hashes.line("alice", "one"));
        try (var file = UsersFile.open(path, OFTEN)) {
            Files.writeString(path, "# still one\nalice:hunter2\n");
            Await.until("it is logged", () -> !messages().isEmpty());
            assertThat(messages())
                    .containsExactly(
                            "The users file cannot be reloaded: line 2: the hash is not of the form"
                                    + " $argon2id$v=19$m=...,t=...,p=...$salt$hash; the users"
                                    + " loaded before stay");
            assertThat(knows(file, "alice")).isTrue();

            Files.delete(path);
            Await.until("it is missed", () -> messages().size() > 1);
            assertThat(messages().get(1)).contains("it does not exist");
            assertThat(knows(file, "alice")).isTrue();

            Files.writeString(path, Hashes.line("bob", "two"));
            Await.until("it is back", () -> knows(file, "bob"));
            assertThat(messages()).hasSizeLessThanOrEqualTo(4).noneMatch(m -> m.contains("bob"));
        }
    }

    @Test
    void doesNotOpenWhatItCannotUse() throws Exception {
        var missing = directory.resolve("missing");
        assertThatThrownBy(() -> UsersFile.open(missing, OFTEN)).hasMessage("it does not exist");

        var large = Files.write(directory.resolve("large"), new byte[5_000_001]);
        assertThatThrownBy(() -> UsersFile.open(large, OFTEN))
                .hasMessage("it is larger than 5000000 bytes");

        var latin = Files.write(directory.resolve("latin"), new byte[] {(byte) 0xe4, ':'});
        assertThatThrownBy(() -> UsersFile.open(latin, OFTEN)).hasMessage("it is not UTF-8");

        assertThatThrownBy(() -> UsersFile.open(directory, OFTEN))
                .hasMessageStartingWith("it cannot be read: ");
    }
}
