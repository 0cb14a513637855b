package org.masquerelay.gate.basic;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.masquerelay.password.PasswordHash;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.tunnel.Tenant;

/// Who may enter with a password: one snapshot of the users file. What was verified with a snapshot
/// is forgotten with it.
public final class Users {
    /// More than anybody keeps in a file.
    private static final int MAX_USERS = 10_000;

    /// In bytes: so many users with the longest names.
    private static final int MAX_SIZE = 5_000_000;

    private static final char COMMENT = '#';

    private final Map<String, User> byName;
    private final List<User> all;

    private Users(Map<String, User> byName) {
        this.byName = byName;
        this.all = List.copyOf(byName.values());
    }

    /// Reads the content of a file, which is UTF-8.
    ///
    /// @throws UsersFormatException with what is wrong, as the end of a sentence about the file
    public static Users parse(byte[] content) throws UsersFormatException {
        if (content.length > MAX_SIZE) {
            throw new UsersFormatException("it is larger than " + MAX_SIZE + " bytes");
        }
        try {
            return parse(
                    UTF_8.newDecoder()
                            .decode(ByteBuffer.wrap(content))
                            .toString()
                            .lines()
                            .toList());
        } catch (CharacterCodingException _) {
            throw new UsersFormatException("it is not UTF-8");
        }
    }

    /// Reads lines of a name, a colon and a hash. Empty lines and those that start with `#` are
    /// left out.
    ///
    /// @throws UsersFormatException with the first line that cannot be used
    public static Users parse(List<String> lines) throws UsersFormatException {
        var users = new LinkedHashMap<String, User>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.charAt(0) == COMMENT) {
                continue;
            }
            if (users.size() == MAX_USERS) {
                throw new UsersFormatException(
                        i + 1, "there are more than " + MAX_USERS + " users");
            }
            var user = user(line, i + 1);
            if (users.put(user.tenant().id(), user) != null) {
                throw new UsersFormatException(i + 1, "the name is there twice");
            }
        }
        if (users.isEmpty()) {
            throw new UsersFormatException(lines.size(), "there are no users");
        }
        return new Users(users);
    }

    private static User user(String line, int number) throws UsersFormatException {
        int colon = line.indexOf(':');
        if (colon < 0) {
            throw new UsersFormatException(number, "there is no colon behind the name");
        }
        String name = line.substring(0, colon);
        if (!Tenant.isValid(name)) {
            throw new UsersFormatException(
                    number, "the name is not 1 to 256 printable ASCII characters");
        }
        try {
            return new User(new Tenant(name), PasswordHash.parse(line.substring(colon + 1)));
        } catch (IllegalArgumentException e) {
            throw new UsersFormatException(number, String.valueOf(e.getMessage()));
        }
    }

    Optional<User> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /// The hash that a name costs which nobody has: that of some user, always the same one for the
    /// same name, so that time does not tell who is known.
    ///
    /// @param nameDigest of the name, under a key that nobody knows
    PasswordHash decoy(ImmutableBytes nameDigest) {
        int number = (nameDigest.at(0) << 8 | nameDigest.at(1)) % all.size();
        return all.get(number).hash();
    }

    int size() {
        return all.size();
    }
}
