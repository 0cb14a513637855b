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
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Address validation by Retry (RFC 9000, section 8.1.2), asked for only under load: then nobody
/// takes a place in the connection table from an address where it does not receive.
///
/// A token is a MAC over the client's address, a time and the connection ID it first chose, then
/// the time and that ID. One per socket, confined to its event loop; all of a listener share the
/// secret.
final class RetryTokens implements QuicTokenHandler {
    private static final String MAC = "HmacSHA256";
    private static final int MAC_BYTES = 32;
    private static final int PREFIX = MAC_BYTES + Long.BYTES;

    /// A client answers a Retry at once.
    private static final long LIFETIME_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    /// Connections a second that a socket sets up for addresses that are not validated.
    private static final int MAX_FIRST_PACKETS = 50;

    private final Mac mac;
    private final Predicate<InetAddress> underLoad;
    private final Ticker ticker;
    private long secondStart;
    private int firstPackets;

    RetryTokens(byte[] secret, Predicate<InetAddress> underLoad, Ticker ticker) {
        try {
            this.mac = Mac.getInstance(MAC);
            this.mac.init(new SecretKeySpec(secret, MAC));
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every Java has " + MAC, missing);
        }
        this.underLoad = underLoad;
        this.ticker = ticker;
        this.secondStart = ticker.nanoTime();
    }

    @Override
    public boolean writeToken(ByteBuf out, ByteBuf dcid, InetSocketAddress address) {
        long now = ticker.nanoTime();
        boolean rush = isRush(now);
        if (!rush && !underLoad.test(address.getAddress())) {
            return false;
        }
        var chosen = ByteBufUtil.getBytes(dcid);
        out.writeBytes(authenticate(address, now, chosen)).writeLong(now).writeBytes(chosen);
        return true;
    }

    /// Whether first packets come faster than connections are worth setting up for: each costs a
    /// TLS engine, even if nothing in it can be decrypted, and a Retry next to nothing.
    private boolean isRush(long now) {
        if (now - secondStart >= SECOND_NANOS) {
            secondStart = now;
            firstPackets = 0;
        }
        return ++firstPackets > MAX_FIRST_PACKETS;
    }

    @Override
    public int validateToken(ByteBuf token, InetSocketAddress address) {
        if (token.readableBytes() < PREFIX) {
            return -1;
        }
        var bytes = ByteBufUtil.getBytes(token);
        long issued = ByteBuffer.wrap(bytes).getLong(MAC_BYTES);
        long age = ticker.nanoTime() - issued;
        var chosen = Arrays.copyOfRange(bytes, PREFIX, bytes.length);
        var expected = authenticate(address, issued, chosen);
        boolean genuine = MessageDigest.isEqual(expected, Arrays.copyOf(bytes, MAC_BYTES));
        return genuine && age >= 0 && age <= LIFETIME_NANOS ? PREFIX : -1;
    }

    private byte[] authenticate(InetSocketAddress address, long time, byte[] connectionId) {
        mac.update(address.getAddress().getAddress());
        mac.update(
                ByteBuffer.allocate(Integer.BYTES + Long.BYTES)
                        .putInt(address.getPort())
                        .putLong(time)
                        .array());
        return mac.doFinal(connectionId);
    }

    @Override
    public int maxTokenLength() {
        return PREFIX + Quic.MAX_CONN_ID_LEN;
    }
}
