package org.masquerelay.password;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.text.Normalizer;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.masquerelay.token.ImmutableBytes;

/// The Argon2id hash of a password (RFC 9106), with what it takes to compute it again.
///
/// Its text is the one that the reference implementation and Spring Security write:
/// `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>`, in base64 without padding.
///
/// @param salt 8 to 64 bytes
/// @param hash 16 to 64 bytes
public record PasswordHash(Cost cost, ImmutableBytes salt, ImmutableBytes hash) {
    /// About 50 ms and 19 MB for each guess.
    public static final Cost STANDARD = new Cost(19 * 1024, 2, 1);

    private static final int SALT_LENGTH = 16;
    private static final int HASH_LENGTH = 32;
    private static final Pattern TEXT =
            Pattern.compile(
                    "\\$argon2id\\$v=19\\$m=([0-9]{1,6}),t=([0-9]{1,2}),p=([0-9]{1,2})"
                            + "\\$([A-Za-z0-9+/]{11,86})\\$([A-Za-z0-9+/]{22,86})");

    /// What each computation costs. Bounded, because whoever asks to be let in makes us pay it.
    ///
    /// @param memoryKib memory in KiB; 8 for each lane to 256 MiB
    /// @param iterations passes over the memory; 1 to 32
    /// @param lanes degree of parallelism; 1 to 16
    public record Cost(int memoryKib, int iterations, int lanes) {
        private static final int MAX_MEMORY_KIB = 256 * 1024;
        private static final int MAX_ITERATIONS = 32;
        private static final int MAX_LANES = 16;

        /// RFC 9106, section 3.1: at least 8 KiB for each lane.
        private static final int MIN_KIB_PER_LANE = 8;

        public Cost {
            if (lanes < 1
                    || lanes > MAX_LANES
                    || iterations < 1
                    || iterations > MAX_ITERATIONS
                    || memoryKib < MIN_KIB_PER_LANE * lanes
                    || memoryKib > MAX_MEMORY_KIB) {
                throw new IllegalArgumentException(
                        "m=%d,t=%d,p=%d (expected: m of 8 for each p to %d, t of 1 to %d, p of 1 to %d)"
                                .formatted(
                                        memoryKib,
                                        iterations,
                                        lanes,
                                        MAX_MEMORY_KIB,
                                        MAX_ITERATIONS,
                                        MAX_LANES));
            }
        }
    }

    /// Hashes a password with a salt of its own, at [#STANDARD] cost.
    public static PasswordHash of(String password, SecureRandom random) {
        return of(password, STANDARD, random);
    }

    /// Hashes a password with a salt of its own.
    public static PasswordHash of(String password, Cost cost, SecureRandom random) {
        byte[] salt = new byte[SALT_LENGTH];
        random.nextBytes(salt);
        return new PasswordHash(
                cost,
                ImmutableBytes.copyOf(salt),
                ImmutableBytes.copyOf(compute(password, cost, salt, HASH_LENGTH)));
    }

    /// Reads the text of a hash.
    ///
    /// @throws IllegalArgumentException that says what is wrong, without quoting salt or hash
    public static PasswordHash parse(String text) {
        var parts = TEXT.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "the hash is not of the form $argon2id$v=19$m=...,t=...,p=...$salt$hash");
        }
        var cost = new Cost(number(parts, 1), number(parts, 2), number(parts, 3));
        return new PasswordHash(cost, base64(parts.group(4)), base64(parts.group(5)));
    }

    private static int number(Matcher parts, int group) {
        return Integer.parseInt(parts.group(group));
    }

    private static ImmutableBytes base64(String text) {
        try {
            return ImmutableBytes.copyOf(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException _) {
            throw new IllegalArgumentException("salt or hash is not base64");
        }
    }

    public String format() {
        return "$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s"
                .formatted(
                        cost.memoryKib(),
                        cost.iterations(),
                        cost.lanes(),
                        base64(salt),
                        base64(hash));
    }

    private static String base64(ImmutableBytes bytes) {
        return Base64.getEncoder().withoutPadding().encodeToString(bytes.toArray());
    }

    /// Whether this is the hash of `password`. Takes as long whatever the answer is; never on an
    /// event loop.
    public boolean matches(String password) {
        byte[] computed = compute(password, cost, salt.toArray(), hash.length());
        return MessageDigest.isEqual(computed, hash.toArray());
    }

    private static byte[] compute(String password, Cost cost, byte[] salt, int length) {
        var parameters =
                new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                        .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                        .withMemoryAsKB(cost.memoryKib())
                        .withIterations(cost.iterations())
                        .withParallelism(cost.lanes())
                        .withSalt(salt)
                        .build();
        var generator = new Argon2BytesGenerator();
        generator.init(parameters);
        byte[] hash = new byte[length];
        // RFC 8265, section 4.2: what looks the same is the same, however it was typed.
        generator.generateBytes(
                Normalizer.normalize(password, Normalizer.Form.NFC).toCharArray(), hash);
        return hash;
    }

    /// Without salt and hash, which are nobody's business.
    @Override
    public String toString() {
        return "PasswordHash[" + cost + "]";
    }
}
