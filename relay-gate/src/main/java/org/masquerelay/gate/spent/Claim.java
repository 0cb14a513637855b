package org.masquerelay.gate.spent;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.masquerelay.token.Base64Url;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.Token;

/// The wish to spend a token: the key that all ingresses know it by, and an owner that no other
/// claim has.
///
/// @param key the prefix and a hash, which does not give the token away
/// @param owner what tells this claim from every other one, also of the same token
/// @param life how long the key has to be kept
record Claim(String key, String owner, Duration life) {

    /// Makes the claims of one process. Any thread.
    static final class Desk {
        private final String prefix;
        private final String process = UUID.randomUUID().toString();
        private final AtomicLong number = new AtomicLong();

        Desk(String prefix) {
            this.prefix = prefix;
        }

        Claim claim(Token token, Duration life) {
            String owner =
                    process + "." + Long.toString(number.incrementAndGet(), Character.MAX_RADIX);
            return new Claim(prefix + Base64Url.encode(hash(token).toArray()), owner, life);
        }

        /// A challenge belongs to one type of token and one issuer, and has a nonce once.
        private static ImmutableBytes hash(Token token) {
            var digest = token.challengeDigest();
            var named = ByteBuffer.allocate(digest.length() + token.nonce().length());
            named.put(digest.toArray()).put(token.nonce().toArray());
            return ImmutableBytes.sha256Of(named.array());
        }
    }
}
