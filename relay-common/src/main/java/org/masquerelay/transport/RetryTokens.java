package org.masquerelay.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicTokenHandler;
import io.netty.util.concurrent.Ticker;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// Address validation by Retry (RFC 9000, section 8.1.2): then nobody takes a place in the
/// connection table from an address where it does not receive.
///
/// A token is the epoch of its secret, a time, a MAC, and the connection ID that the client first
/// chose. The MAC covers these, the client's address, and the connection ID that the Retry gives:
/// who could choose that would be told the reset token of somebody else's. One per socket, confined
/// to its event loop; all of a listener share the secrets.
final class RetryTokens implements QuicTokenHandler {
    private static final String MAC = "HmacSHA256";
    private static final int MAC_BYTES = 32;
    private static final int MAC_OFFSET = 1 + Long.BYTES;
    private static final int PREFIX = MAC_OFFSET + MAC_BYTES;

    /// Relays that share their secret may disagree about the time.
    private static final long SKEW_MILLIS = 5000;

    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    /// Connections a second that a socket sets up for addresses that are not validated.
    private static final int MAX_FIRST_PACKETS = 50;

    private final QuicSettings.When when;
    private final long lifetimeMillis;
    private final RetryKeys keys;
    private final ConnectionIds ids;
    private final Predicate<InetAddress> crowded;
    private final Clocks clocks;
    private final Mac mac;
    private long macEpoch = Long.MIN_VALUE;
    private long secondStart;
    private int firstPackets;

    /// @param wall of the time in a token, which other relays may read
    record Clocks(InstantSource wall, Ticker ticker) {}

    RetryTokens(
            QuicSettings.When when,
            Duration lifetime,
            RetryKeys keys,
            ConnectionIds ids,
            Predicate<InetAddress> crowded,
            Clocks clocks) {
        this.when = when;
        this.lifetimeMillis = lifetime.toMillis();
        this.ids = ids;
        this.keys = keys;
        this.crowded = crowded;
        this.clocks = clocks;
        this.secondStart = clocks.ticker().nanoTime();
        try {
            this.mac = Mac.getInstance(MAC);
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every Java has " + MAC, missing);
        }
    }

    @Override
    public boolean writeToken(ByteBuf out, ByteBuf dcid, InetSocketAddress address) {
        if (!isAsked(address)) {
            return false;
        }
        long epoch = keys.epoch();
        long now = clocks.wall().millis();
        var chosen = ByteBufUtil.getBytes(dcid);
        var code = authenticate(epoch, now, address, ids.reserve(), chosen);
        if (code == null) {
            throw new IllegalStateException("epoch: " + epoch + " (expected: the one of now)");
        }
        out.writeByte((int) epoch).writeLong(now).writeBytes(code).writeBytes(chosen);
        return true;
    }

    private boolean isAsked(InetSocketAddress address) {
        return switch (when) {
            case NEVER -> false;
            case UNDER_LOAD -> isRush() || crowded.test(address.getAddress());
            case ALWAYS -> true;
        };
    }

    /// Whether first packets come faster than connections are worth setting up for: each costs a
    /// TLS engine, even if nothing in it can be decrypted, and a Retry next to nothing.
    private boolean isRush() {
        long now = clocks.ticker().nanoTime();
        if (now - secondStart >= SECOND_NANOS) {
            secondStart = now;
            firstPackets = 0;
        }
        return ++firstPackets > MAX_FIRST_PACKETS;
    }

    /// The codec asks in the other form.
    @Override
    public int validateToken(ByteBuf token, InetSocketAddress address) {
        return -1;
    }

    @Override
    public TokenValidationResult validateToken(
            ByteBuf token, InetSocketAddress address, ByteBuf dcid) {
        var given = ByteBuffer.wrap(ByteBufUtil.getBytes(dcid));
        if (!isGenuine(token, address, given.duplicate())) {
            return TokenValidationResult.invalidToken();
        }
        ids.cameBack(given);
        return TokenValidationResult.odcidFromToken(PREFIX);
    }

    private boolean isGenuine(ByteBuf token, InetSocketAddress address, ByteBuffer given) {
        if (token.readableBytes() < PREFIX) {
            return false;
        }
        var bytes = ByteBufUtil.getBytes(token);
        long issued = ByteBuffer.wrap(bytes).getLong(1);
        long age = clocks.wall().millis() - issued;
        if (age < -SKEW_MILLIS || age > lifetimeMillis) {
            return false;
        }
        var chosen = Arrays.copyOfRange(bytes, PREFIX, bytes.length);
        var expected = authenticate(epoch(bytes[0]), issued, address, given, chosen);
        var shown = Arrays.copyOfRange(bytes, MAC_OFFSET, PREFIX);
        return expected != null && MessageDigest.isEqual(expected, shown);
    }

    /// The epoch nearest to this moment whose last byte is this one.
    private long epoch(byte last) {
        long now = keys.epoch();
        return now + (byte) (last - (byte) now);
    }

    private byte @Nullable [] authenticate(
            long epoch, long time, InetSocketAddress address, ByteBuffer given, byte[] chosen) {
        if (!takesSecretOf(epoch)) {
            return null;
        }
        mac.update((byte) given.remaining());
        mac.update(given);
        // Each part at a fixed place or after its length, or one address could pass for another.
        var client = address.getAddress().getAddress();
        mac.update((byte) client.length);
        mac.update(client);
        mac.update(
                ByteBuffer.allocate(Integer.BYTES + Long.BYTES)
                        .putInt(address.getPort())
                        .putLong(time)
                        .array());
        return mac.doFinal(chosen);
    }

    private boolean takesSecretOf(long epoch) {
        var secret = keys.of(epoch);
        if (secret == null) {
            return false;
        }
        if (epoch != macEpoch) {
            try {
                mac.init(new SecretKeySpec(secret, MAC));
            } catch (GeneralSecurityException refused) {
                throw new IllegalStateException(MAC + " takes every key", refused);
            }
            macEpoch = epoch;
        }
        return true;
    }

    @Override
    public int maxTokenLength() {
        return PREFIX + Quic.MAX_CONN_ID_LEN;
    }
}
