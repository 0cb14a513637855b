package org.masquerelay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.token.TokenType;
import org.masquerelay.token.keys.IssuerKeyStore;

final class RotateCommandTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @TempDir private Path directory = Path.of("");

    @Test
    void makesAFileWithAKeyThatIsGoodAtOnce() throws Exception {
        var file = directory.resolve("issuer.pem");

        assertThat(run("issuer", "rotate", "--key-file", file.toString())).isZero();

        var keys = IssuerKeyStore.pem(file).load().keys();
        assertThat(keys).hasSize(1);
        assertThat(keys.getFirst().notBefore()).isBeforeOrEqualTo(Instant.now());
        assertThat(keys.getFirst().notAfter()).isEqualTo(Instant.MAX);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(printed()).startsWith("type 0x0002  key ").contains("until always");
    }

    @Test
    void addsAKeyForLaterAndEndsTheOldOneAfterTheOverlap() throws Exception {
        var file = directory.resolve("issuer.pem");
        run("issuer", "rotate", "--key-file", file.toString());
        var old = IssuerKeyStore.pem(file).load().keys().getFirst().pair().publicKey();

        run(
                "issuer",
                "rotate",
                "--key-file",
                file.toString(),
                "--active-in",
                "3h",
                "--overlap",
                "5h");

        var keys = IssuerKeyStore.pem(file).load().keys();
        assertThat(keys).hasSize(2);
        assertThat(keys.getFirst().notBefore())
                .isBetween(
                        Instant.now().plus(Duration.ofMinutes(175)),
                        Instant.now().plus(Duration.ofMinutes(181)));
        assertThat(keys.getLast().pair().publicKey()).isEqualTo(old);
        assertThat(keys.getLast().notAfter())
                .isEqualTo(keys.getFirst().notBefore().plus(Duration.ofHours(5)));
    }

    @Test
    void leavesTheKeysOfAnotherTypeAlone() throws Exception {
        var file = directory.resolve("issuer.pem");
        run("issuer", "rotate", "--key-file", file.toString());

        run("issuer", "rotate", "--key-file", file.toString(), "--type", "1");

        var keys = IssuerKeyStore.pem(file).load().keys();
        assertThat(keys)
                .extracting(key -> key.pair().type())
                .containsExactlyInAnyOrder(TokenType.BLIND_RSA, TokenType.VOPRF);
        assertThat(keys).allSatisfy(key -> assertThat(key.notAfter()).isEqualTo(Instant.MAX));
    }

    @Test
    void keepsKeysInPkcs12UnderAPassword() throws Exception {
        var file = directory.resolve("issuer.p12");
        var password = Files.writeString(directory.resolve("password"), "correct horse\n");

        var status =
                run(
                        "issuer",
                        "rotate",
                        "--key-file",
                        file.toString(),
                        "--password-file",
                        password.toString());

        assertThat(status).isZero();
        assertThat(IssuerKeyStore.pkcs12(file, "correct horse".toCharArray()).load().keys())
                .hasSize(1);
    }

    @Test
    void touchesNoFileThatHoldsSomethingElse() throws Exception {
        var file = Files.writeString(directory.resolve("notes.txt"), "not a key");

        assertThat(run("issuer", "rotate", "--key-file", file.toString())).isNotZero();

        assertThat(file).hasContent("not a key");
        assertThat(printed()).contains("does not hold issuer keys");
    }

    private int run(String... arguments) {
        out.reset();
        var to = new PrintStream(out, true, StandardCharsets.UTF_8);
        var console = new Console(new ByteArrayInputStream(new byte[0]), to, to, false);
        return RelayCommand.commandLine(console).execute(arguments);
    }

    private String printed() {
        return out.toString(StandardCharsets.UTF_8);
    }
}
