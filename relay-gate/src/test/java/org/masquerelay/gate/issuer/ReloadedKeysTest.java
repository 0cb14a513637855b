package org.masquerelay.gate.issuer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.token.TokenType;
import org.masquerelay.token.issuance.IssuerKeySet.Rotation;
import org.masquerelay.token.keys.IssuerKeyStore;

final class ReloadedKeysTest {
    private static final Instant START = Instant.parse("2030-01-01T00:00:00Z");

    @TempDir private Path directory = Path.of("");

    private final AtomicReference<Instant> now = new AtomicReference<>(START);

    @Test
    void noticesARotationWithinItsTime() throws Exception {
        var file = IssuerKeyStore.pem(directory.resolve("issuer.pem"));
        rotate(file);
        var keys = new ReloadedKeys(file, Duration.ofSeconds(5), now::get, file.load());
        assertThat(keys.get().keys()).hasSize(1);

        rotate(file);

        assertThat(keys.get().keys()).hasSize(1);
        now.set(START.plusSeconds(5));
        assertThat(keys.get().keys()).hasSize(2);
    }

    @Test
    void keepsItsKeysWhenTheFileCannotBeUsed() throws Exception {
        var path = directory.resolve("issuer.pem");
        var file = IssuerKeyStore.pem(path);
        rotate(file);
        var keys = new ReloadedKeys(file, Duration.ofSeconds(5), now::get, file.load());

        Files.writeString(path, "broken");
        now.set(START.plusSeconds(5));
        assertThat(keys.get().keys()).hasSize(1);
        Files.delete(path);
        now.set(START.plusSeconds(10));
        assertThat(keys.get().keys()).hasSize(1);
    }

    private void rotate(IssuerKeyStore file) throws Exception {
        var rotation = new Rotation(TokenType.VOPRF, now.get(), Duration.ofDays(1));
        file.update(keys -> keys.rotate(rotation, now.get(), new SecureRandom()));
    }
}
