package org.masquerelay.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.masquerelay.password.PasswordHash;

/// The tenants of a relay that is measured: clients that show a name and a password.
final class Tenants {
    /// Whose round trips are measured.
    static final String CALM = "calm";

    /// Who sends more than a tenant may.
    static final String BUSY = "busy";

    /// Of both. The relays listen on the loopback address, and only while they are measured.
    static final String PASSWORD = "bench";

    private Tenants() {}

    /// How relays are told of them; writes the file of their passwords into `directory`.
    ///
    /// @param packetsPerSecond that one tenant may send, and get
    static List<String> relayOptions(Path directory, int packetsPerSecond) throws IOException {
        var lines = new ArrayList<String>();
        for (var name : List.of(CALM, BUSY)) {
            lines.add(name + ":" + PasswordHash.of(PASSWORD, new SecureRandom()).format());
        }
        var users = Files.write(directory.resolve("users"), lines).toAbsolutePath();
        return List.of(
                "-Drelay.auth.admit=token,basic",
                "-Drelay.auth.basic.users-file=" + users,
                "-Drelay.egress.limits.tenant.packets-per-second=" + packetsPerSecond,
                "-Drelay.egress.limits.tenant.burst=100ms");
    }
}
