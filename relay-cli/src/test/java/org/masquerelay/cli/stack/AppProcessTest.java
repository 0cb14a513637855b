package org.masquerelay.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.cli.stack.AppProcess.Launch;

final class AppProcessTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir private Path directory = Path.of("");

    @Test
    void becomesReadyAndStopsWhenAsked() throws Exception {
        var app = start("wait", PATIENCE);

        app.awaitReady(this::hasSpoken, PATIENCE);
        app.close();

        assertThat(app.isAlive()).isFalse();
        assertThat(Files.readString(log())).isEqualTo("runs with wait\n");
    }

    @Test
    void saysWhereTheLogIsWhenTheAppEndsWhileStarting() throws Exception {
        try (var app = start("fail", PATIENCE)) {
            assertThatThrownBy(() -> app.awaitReady(() -> false, PATIENCE))
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            "the egress ended with exit code 3 while starting; its log is "
                                    + log());
        }
    }

    @Test
    void isNotReadyOnceItHasEndedWhateverElseAnswers() throws Exception {
        try (var app = start("fail", PATIENCE)) {
            assertThatThrownBy(() -> app.awaitReady(() -> !app.isAlive(), PATIENCE))
                    .hasMessageContaining("the egress ended with exit code 3 while starting");
        }
    }

    @Test
    void givesUpWaitingInTime() throws Exception {
        try (var app = start("wait", PATIENCE)) {
            assertThatThrownBy(() -> app.awaitReady(() -> false, Duration.ofMillis(1)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("not ready within")
                    .hasMessageContaining(log().toString());
        }
    }

    @Test
    void killsWhatDoesNotStop() throws Exception {
        var app = start("stubborn", Duration.ofMillis(200));
        app.awaitReady(this::hasSpoken, PATIENCE);

        app.close();

        assertThat(app.isAlive()).isFalse();
    }

    @Test
    void tellsWhichOfTwoEnded() throws Exception {
        try (var first = start("wait", PATIENCE);
                var second = start("wait", PATIENCE)) {
            second.kill();

            assertThat(AppProcess.awaitAny(first, second)).isSameAs(second);
            assertThat(AppProcess.awaitAny(second, first)).isSameAs(second);
        }
    }

    @Test
    void namesTheJarThatIsMissing() {
        var missing = directory.resolve("missing.jar");
        var launch = new Launch("egress", missing, log(), List.of(), List.of(), PATIENCE);

        assertThatThrownBy(() -> AppProcess.start(launch))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(missing + " is missing");
    }

    private AppProcess start(String argument, Duration orderlyStop) throws IOException {
        return AppProcess.start(
                new Launch(
                        "egress",
                        jar(),
                        log(),
                        List.of("-Xshare:auto", "-XX:TieredStopAtLevel=1"),
                        List.of(argument),
                        orderlyStop));
    }

    private boolean hasSpoken() {
        try {
            return Files.size(log()) > 0;
        } catch (IOException e) {
            return false;
        }
    }

    private Path log() {
        return directory.resolve("egress.log");
    }

    private Path jar() throws IOException {
        var file = directory.resolve("patient app.jar");
        if (Files.exists(file)) {
            return file; // A process may be starting from it.
        }
        var manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, PatientApp.class.getName());
        String entry = PatientApp.class.getName().replace('.', '/') + ".class";
        try (var jar = new JarOutputStream(Files.newOutputStream(file), manifest);
                var bytes = PatientApp.class.getClassLoader().getResourceAsStream(entry)) {
            jar.putNextEntry(new JarEntry(entry));
            Objects.requireNonNull(bytes).transferTo(jar);
        }
        return file;
    }
}
