package org.masquerelay.password;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PasswordHashTest {
    private static final String SALT_AND_HASH =
            "$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

    @DisplayName("RFC 9106: hashes of the reference implementation's own tests")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "$argon2id$v=19$m=65536,t=2,p=1" + SALT_AND_HASH,
                "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
                "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"
            })
    void matchesPublishedHashes(String text) {
        var hash = PasswordHash.parse(text);

        assertThat(hash.matches("password")).isTrue();
        assertThat(hash.matches("Password")).isFalse();
        assertThat(hash.format()).isEqualTo(text);
    }

    @Test
    void matchesItsOwnPasswordAndNoOther() {
        var hash = PasswordHash.of("correct horse", new SecureRandom());

        var read = PasswordHash.parse(hash.format());

        assertThat(read).isEqualTo(hash);
        assertThat(read.cost()).isEqualTo(PasswordHash.STANDARD);
        assertThat(read.matches("correct horse")).isTrue();
        assertThat(read.matches("correct horse ")).isFalse();
        assertThat(read.matches("")).isFalse();
    }

    @Test
    void takesWhatLooksTheSameForTheSame() {
        var composed = PasswordHash.of("\u00fcber", new SecureRandom());

        assertThat(composed.matches("u\u0308ber")).isTrue();
    }

    @Test
    void hasAnotherSaltEveryTime() {
        var random = new SecureRandom();

        assertThat(PasswordHash.of("x", random).salt())
                .isNotEqualTo(PasswordHash.of("x", random).salt());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "password",
                "{noop}password",
                "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
                "$argon2i$v=19$m=65536,t=2,p=1" + SALT_AND_HASH,
                "$argon2id$v=16$m=65536,t=2,p=1" + SALT_AND_HASH,
                "$argon2id$m=65536,t=2,p=1" + SALT_AND_HASH,
                "$argon2id$v=19$m=65536,t=2" + SALT_AND_HASH,
                "$argon2id$v=19$m=65536,t=2,p=1" + SALT_AND_HASH + "$",
                "$argon2id$v=19$m=65536,t=2,p=1" + SALT_AND_HASH + "\n",
                "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$c2hvcnQ"
            })
    void refusesWhatIsNoArgon2idHash(String text) {
        assertThatThrownBy(() -> PasswordHash.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("the hash is not of the form $argon2id$");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "m=7,t=2,p=1",
                "m=15,t=2,p=2",
                "m=262145,t=2,p=1",
                "m=65536,t=0,p=1",
                "m=65536,t=33,p=1",
                "m=65536,t=2,p=0",
                "m=65536,t=2,p=17"
            })
    void refusesCostsOutOfBounds(String cost) {
        assertThatThrownBy(() -> PasswordHash.parse("$argon2id$v=19$" + cost + SALT_AND_HASH))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(cost + " (expected:");
    }

    @Test
    void keepsItselfOutOfLogs() {
        var hash = PasswordHash.of("x", new SecureRandom());

        assertThat(hash.toString()).doesNotContain(hash.format().substring(32));
    }
}
