package org.masquerelay.boot.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WatchedFilesTest {
    @TempDir Path directory;

    private final WatchedFiles files = new WatchedFiles();
    private Path file;

    @BeforeEach
    void write() throws IOException {
        file = Files.writeString(directory.resolve("number"), "1");
    }

    @AfterEach
    void close() {
        files.close();
    }

    private Followed<Integer> watch(Path path) {
        return files.watch("relay.number", path, "Name a number", WatchedFilesTest::number);
    }

    private static int number(byte[] content) throws IOException {
        try {
            return Integer.parseInt(new String(content, UTF_8));
        } catch (NumberFormatException e) {
            throw new IOException("it holds no number", e);
        }
    }

    @Test
    void readsAFileAnewWhenItChanges() throws IOException {
        var number = watch(file);
        Files.writeString(file, "22");
        files.look();
        assertThat(number.get()).isEqualTo(22);

        Files.writeString(file, "33");
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().plus(Duration.ofDays(1))));
        files.look();
        assertThat(number.get()).as("of the same size").isEqualTo(33);
    }

    @Test
    void tellsOfChangesThatCanBeUsed() throws IOException {
        var told = new ArrayList<Integer>();
        watch(file).onChange(told::add);
        Files.writeString(file, "22");
        files.look();
        Files.writeString(file, "nothing");
        files.look();
        Files.writeString(file, "4444");
        files.look();
        files.look();

        assertThat(told).containsExactly(22, 4444);
    }

    @Test
    void followsALinkThatLeadsElsewhere() throws IOException {
        var other = Files.writeString(directory.resolve("other"), "2");
        Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
        var link = Files.createSymbolicLink(directory.resolve("link"), file);
        var number = watch(link);

        Files.delete(link);
        files.look();
        assertThat(number.get()).isEqualTo(1);
        Files.createSymbolicLink(link, other);
        files.look();
        assertThat(number.get()).isEqualTo(2);
    }

    @Test
    void keepsWhatItHasWhileTheFileIsUnusable() throws IOException {
        var number = watch(file);
        Files.writeString(file, "no number");
        files.look();
        files.look();
        assertThat(number.get()).isEqualTo(1);
        Files.delete(file);
        files.look();
        assertThat(number.get()).isEqualTo(1);
        Files.writeString(file, "4");
        files.look();
        assertThat(number.get()).isEqualTo(4);
    }

    @Test
    void saysWhichPropertyHasAFileThatIsNotInForce() throws IOException {
        var other = Files.writeString(directory.resolve("other"), "2");
        watch(file);
        watch(other);
        files.watch("relay.another", other, "Name a number", WatchedFilesTest::number);
        assertThat(files.problems())
                .containsExactly(Map.entry("relay.number", ""), Map.entry("relay.another", ""));

        Files.writeString(file, "no number");
        files.look();
        assertThat(files.problems())
                .containsExactly(
                        Map.entry("relay.number", "it holds no number"),
                        Map.entry("relay.another", ""));

        Files.writeString(file, "4");
        files.look();
        assertThat(files.problems()).containsEntry("relay.number", "");
    }

    @Test
    void saysInOneSentenceWhatIsWrongAtTheStart() throws IOException {
        Files.writeString(file, "no number");
        assertThatThrownBy(() -> watch(file))
                .isInstanceOf(BadSettingException.class)
                .hasMessage("relay.number names a file that cannot be used: it holds no number");
        assertThatThrownBy(() -> watch(directory.resolve("none")))
                .hasMessageContaining("cannot be used: there is no file " + directory);
    }
}
