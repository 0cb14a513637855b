package org.masquerelay.gate.basic;

import java.security.SecureRandom;
import org.masquerelay.password.PasswordHash;

/// Hashes for tests that have no time for good ones.
public final class Hashes {
    private static final PasswordHash.Cost CHEAP = new PasswordHash.Cost(8, 1, 1);
    private static final SecureRandom RANDOM = new SecureRandom();

    private Hashes() {}

    /// A line of a users file.
    public static String line(String name, String password) {
        return name + ":" + PasswordHash.of(password, CHEAP, RANDOM).format();
    }

    /// One that takes about 50 ms to verify.
    public static String slowLine(String name, String password) {
        return name + ":" + PasswordHash.of(password, RANDOM).format();
    }
}
