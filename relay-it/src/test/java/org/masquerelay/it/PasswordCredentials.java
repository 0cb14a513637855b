package org.masquerelay.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.masquerelay.gate.basic.Hashes;
import org.masquerelay.tunnel.HeaderFields;

/// Name and password, which do not expire.
final class PasswordCredentials implements Credentials {
    @Override
    public String scheme() {
        return "basic";
    }

    @Override
    public List<String> settings(Path directory) throws Exception {
        var users = Files.writeString(directory.resolve("users"), Hashes.line("alice", "one"));
        return List.of(
                "--relay.auth.basic.users-file=" + users, "--relay.auth.basic.max-failures=1000");
    }

    @Override
    public String challenge() {
        return "Basic";
    }

    @Override
    public Answer answer(Case which) {
        return switch (which) {
            case ABSENT, MALFORMED, WRONG_KEY -> Answer.CHALLENGED;
            case EXPIRED, REVOKED -> Answer.NO_SUCH_CASE;
            case REPLAYED, RIGHT -> Answer.TUNNEL;
        };
    }

    @Override
    public HeaderFields fields(Case which, Attempt attempt) {
        var text =
                switch (which) {
                    case MALFORMED -> "alice";
                    case WRONG_KEY -> "alice:two";
                    default -> "alice:one";
                };
        var encoded = Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
        return HeaderFields.of(attempt.field(), "Basic " + encoded);
    }
}
