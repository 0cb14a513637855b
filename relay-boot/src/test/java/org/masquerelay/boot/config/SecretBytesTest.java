package org.masquerelay.boot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SecretBytesTest {
    private static final byte[] SECRET = new byte[32];

    @TempDir private Path directory;

    static {
        Arrays.fill(SECRET, (byte) 0xff);
    }

    @Test
    void readsBase64FromASettingAndFromAFile() throws Exception {
        var text = Base64.getEncoder().encodeToString(SECRET);
        var file = Files.writeString(directory.resolve("secret"), text + "\n");

        assertThat(SecretBytes.parse("a.key", text, 32)).isEqualTo(SECRET);
        assertThat(SecretBytes.parse("a.key", "file:" + file, 32)).isEqualTo(SECRET);
    }

    @Test
    void saysOfAFileWithTheBytesThemselvesThatItIsNotBase64() throws Exception {
        var file = Files.write(directory.resolve("secret"), SECRET);

        assertThatThrownBy(() -> SecretBytes.parse("a.key", "file:" + file, 32))
                .isInstanceOf(BadSettingException.class)
                .hasMessage("a.key is not base64");
    }
}
