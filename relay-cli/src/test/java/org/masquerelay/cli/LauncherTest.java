package org.masquerelay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Runs the real launcher in a checkout of stand-ins: a JDK that says how it was called, and a
/// wrapper that makes empty jars.
@DisabledOnOs(OS.WINDOWS)
final class LauncherTest {
    private static final Path REAL = Path.of("..").toAbsolutePath().normalize();
    private static final Instant LONG_AGO = Instant.parse("2020-01-01T00:00:00Z");

    @TempDir private Path directory = Path.of("");
    private Path checkout = Path.of("");

    @BeforeEach
    void layOut() throws IOException {
        checkout = Files.createDirectories(directory.resolve("a checkout"));
        Files.createDirectories(checkout.resolve(".mvn"));
        executable("relay", Files.readString(REAL.resolve("relay")));
        // The JDKs that this machine has must not be found.
        String search = Files.readString(REAL.resolve(".mvn/jdk.sh"));
        Files.writeString(
                checkout.resolve(".mvn/jdk.sh"),
                search.replaceAll(" (/usr|/opt|/Library)/", " /none/"));
        Files.writeString(checkout.resolve("pom.xml"), "<project/>");
        executable(
                "mvnw",
                """
                #!/bin/sh
                echo "built with $*" && echo "noise"
                for module in relay-cli ingress-app egress-app; do
                  mkdir -p $module/target && touch $module/target/$module-exec.jar
                done
                """);
        for (String module :
                List.of(
                        "relay-common",
                        "relay-boot",
                        "relay-gate",
                        "relay-cli",
                        "ingress-app",
                        "egress-app")) {
            var sources = Files.createDirectories(checkout.resolve(module).resolve("src/main"));
            Files.writeString(checkout.resolve(module).resolve("pom.xml"), "<project/>");
            Files.writeString(sources.resolve("Source.java"), "");
        }
        age(checkout);
        jdk("jdk 25", "25.0.1");
    }

    @Test
    void buildsFirstAndThenPassesArgumentsOn() throws Exception {
        var run = run(checkout.resolve("relay"), "get", "a b", "");

        assertThat(run.status()).isZero();
        assertThat(run.err())
                .startsWith("relay: building")
                .contains("built with -q -B -DskipTests");
        assertThat(run.out())
                .doesNotContain("noise")
                .contains("[-Drelay.checkout=" + checkout.toRealPath() + "]")
                .contains("[--enable-native-access=ALL-UNNAMED]")
                .endsWith("[get]\n[a b]\n[]\n");
    }

    @Test
    void buildsOnlyOnce() throws Exception {
        run(checkout.resolve("relay"), "get");

        assertThat(run(checkout.resolve("relay"), "get").err()).isEmpty();
    }

    @Test
    void buildsAgainAfterAChange() throws Exception {
        run(checkout.resolve("relay"), "get");
        var source = checkout.resolve("relay-common/src/main/Source.java");
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));

        assertThat(run(checkout.resolve("relay"), "get").err()).contains("building");
    }

    @Test
    void worksThroughSymbolicLinksFromAnywhere() throws Exception {
        var bin = Files.createDirectories(directory.resolve("my bin"));
        var relative = Files.createSymbolicLink(bin.resolve("one"), Path.of("../a checkout/relay"));
        var link = Files.createSymbolicLink(bin.resolve("two"), relative.getFileName());

        var run = run(link, "token");

        assertThat(run.status()).isZero();
        assertThat(run.out()).contains("[-Drelay.checkout=" + checkout.toRealPath() + "]");
    }

    @Test
    void passesTheExitStatusOn() throws Exception {
        assertThat(run(checkout.resolve("relay"), "exit-69").status()).isEqualTo(69);
    }

    @Test
    void saysThatTheBuildFailed() throws Exception {
        executable("mvnw", "#!/bin/sh\nexit 1\n");

        var run = run(checkout.resolve("relay"), "get");

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("the build failed");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void measuresWithTheOptimisingCompiler() throws Exception {
        assertThat(run(checkout.resolve("relay"), "bench").out()).doesNotContain("TieredStop");
        assertThat(run(checkout.resolve("relay"), "proxy").out()).doesNotContain("TieredStop");
        assertThat(run(checkout.resolve("relay"), "get").out()).contains("TieredStop");
    }

    @Test
    void saysInOneSentenceThatJavaIsTooOld() throws Exception {
        jdk("jdk 25", "17.0.9");

        var run = run(checkout.resolve("relay"), "demo");

        assertThat(run.status()).isEqualTo(78);
        assertThat(run.err())
                .isEqualTo(
                        "relay needs a JDK 25 or newer, but found Java 17.0.9: install one, or"
                                + " point JAVA_HOME at it.\n");
    }

    private record Run(int status, String out, String err) {}

    private Run run(Path launcher, String... arguments) throws Exception {
        var command = new ArrayList<String>(List.of(launcher.toString()));
        command.addAll(List.of(arguments));
        var out = directory.resolve("out.txt");
        var err = directory.resolve("err.txt");
        var builder = new ProcessBuilder(command).directory(directory.toFile());
        Path jdk = directory.resolve("jdk 25");
        builder.environment().put("JAVA_HOME", jdk.toString());
        builder.environment().put("PATH", jdk.resolve("bin") + ":/usr/bin:/bin");
        builder.environment().put("HOME", directory.toString());
        var process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    /// A JDK that prints its arguments, one on a line.
    private void jdk(String name, String version) throws IOException {
        var bin = Files.createDirectories(directory.resolve(name).resolve("bin"));
        Files.writeString(
                directory.resolve(name).resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
        executable(
                bin.resolve("java"),
                """
                #!/bin/sh
                case "$*" in
                  -version) echo 'openjdk version "VERSION"' >&2 ;;
                  *exit-69*) exit 69 ;;
                  *) for argument in "$@"; do echo "[$argument]"; done ;;
                esac
                """
                        .replace("VERSION", version));
        executable(bin.resolve("javac"), "#!/bin/sh\n");
    }

    private void executable(String name, String text) throws IOException {
        executable(checkout.resolve(name), text);
    }

    private static void executable(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static void age(Path root) throws IOException {
        try (var files = Files.walk(root)) {
            for (var file : files.toList()) {
                Files.setLastModifiedTime(file, FileTime.from(LONG_AGO));
            }
        }
    }
}
