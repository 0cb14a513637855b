package org.masquerelay.gate.basic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.masquerelay.password.PasswordHash;
import org.masquerelay.token.ImmutableBytes;
import org.springframework.security.crypto.argon2.Argon2PasswordEncoder;

final class UsersTest {
    @Test
    void readsNamesAndHashes() throws Exception {
        var users =
                Users.parse(
                        List.of(
                                "# who may enter",
                                "",
                                Hashes.line("alice", "one"),
                                "  " + Hashes.line("bob@example.com", "two") + "  "));

        assertThat(users.size()).isEqualTo(2);
        assertThat(users.find("alice").orElseThrow().hash().matches("one")).isTrue();
        assertThat(users.find("bob@example.com").orElseThrow().hash().matches("two")).isTrue();
        assertThat(users.find("Alice")).isEmpty();
        assertThat(users.find("")).isEmpty();
    }

    @Test
    void sharesItsHashesWithSpringSecurity() throws Exception {
        var spring = Argon2PasswordEncoder.defaultsForSpringSecurity_v5_8();

        var users = Users.parse(List.of("alice:" + spring.encode("gr\u00fcn")));

        assertThat(users.find("alice").orElseThrow().hash().matches("gr\u00fcn")).isTrue();
        assertThat(users.find("alice").orElseThrow().hash().matches("grun")).isFalse();
        var ours = PasswordHash.of("gr\u00fcn", new SecureRandom()).format();
        assertThat(spring.matches("gr\u00fcn", ours)).isTrue();
    }

    @Test
    void saysWhatIsWrongWithTheWholeFile() {
        assertThatThrownBy(() -> Users.parse(new byte[5_000_001]))
                .hasMessage("it is larger than 5000000 bytes");
        assertThatThrownBy(() -> Users.parse(new byte[] {(byte) 0xe4, ':'}))
                .hasMessage("it is not UTF-8");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    ""                          | line 2: there are no users
                    # nobody                    | line 2: there are no users
                    alice                       | line 2: there is no colon behind the name
                    :$argon2id$v=19$m=8,t=1,p=1 | line 2: the name is not 1 to 256 printable ASCII characters
                    al ice:x                    | line 2: the name is not 1 to 256 printable ASCII characters
                    \u00e4lice:x                | line 2: the name is not 1 to 256 printable ASCII characters
                    alice:secret                | line 2: the hash is not of the form $argon2id$v=19$m=...,t=...,p=...$salt$hash
                    """)
    void saysWhichLineIsWrongAndQuotesNothingOfIt(String line, String message) {
        assertThatThrownBy(() -> Users.parse(List.of("", line)))
                .isInstanceOf(UsersFormatException.class)
                .hasMessage(message)
                .hasMessageNotContaining("secret");
    }

    @Test
    void refusesANameThatIsThereTwice() {
        var line = Hashes.line("alice", "one");

        assertThatThrownBy(() -> Users.parse(List.of(line, line)))
                .hasMessage("line 2: the name is there twice");
    }

    @Test
    void boundsTheUsers() {
        var line = Hashes.line("", "one");
        var lines =
                java.util.stream.IntStream.range(0, 10_001).mapToObj(i -> "u" + i + line).toList();

        assertThatThrownBy(() -> Users.parse(lines))
                .hasMessage("line 10001: there are more than 10000 users");
    }

    @Test
    void costsAnUnknownNameWhatSomeUserCosts() throws Exception {
        var users = Users.parse(List.of(Hashes.line("alice", "one"), Hashes.line("bob", "two")));
        var digest = ImmutableBytes.copyOf(new byte[] {0, 1});

        assertThat(users.decoy(digest)).isSameAs(users.find("bob").orElseThrow().hash());
        assertThat(users.decoy(digest)).isSameAs(users.decoy(digest));
    }
}
