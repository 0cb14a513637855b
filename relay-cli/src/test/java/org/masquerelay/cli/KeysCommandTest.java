package org.masquerelay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.pki.TrialPki;
import org.masquerelay.token.TokenType;
import org.masquerelay.token.keys.IssuerKeyStore;

final class KeysCommandTest {
    @TempDir private Path directory = Path.of("");

    @Test
    void makesWhatIsMissingAndLeavesWhatIsGood() throws Exception {
        assertThat(run("keys", directory.toString())).isZero();

        assertThat(new TrialPki(directory).isGoodAt(Instant.now())).isTrue();
        var issuerKeys = directory.resolve("issuer/issuer.pem");
        assertThat(IssuerKeyStore.pem(issuerKeys).load().keys())
                .extracting(key -> key.pair().type())
                .containsExactly(TokenType.BLIND_RSA);

        var certificate = directory.resolve("ingress/tls.crt");
        var first = Files.readString(certificate);
        assertThat(run("keys", directory.toString())).isZero();
        assertThat(certificate).hasContent(first);

        Files.delete(directory.resolve("egress/tls.key"));
        var keys = Files.readString(issuerKeys);
        assertThat(run("keys", directory.toString(), "--name", "relay.example")).isZero();
        assertThat(Files.readString(certificate)).isNotEqualTo(first);
        assertThat(issuerKeys).hasContent(keys);
    }

    private static int run(String... arguments) {
        var out = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        var console = new Console(new ByteArrayInputStream(new byte[0]), out, out, false);
        return RelayCommand.commandLine(console).execute(arguments);
    }
}
