package org.masquerelay.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.quic.QuicConnectionIdGenerator;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.masquerelay.transport.QuicSettings.When;

final class RetryTokensTest {
    private static final InetSocketAddress CLIENT = address(4000);
    private static final byte[] CHOSEN = {1, 2, 3, 4, 5, 6, 7, 8};
    private static final Duration LIFETIME = Duration.ofSeconds(10);
    private static final Duration ROTATION = Duration.ofMinutes(1);
    private static final int ID_LENGTH = 10;

    private final MockTicker ticker = Ticker.newMockTicker();
    private final List<ByteBuffer> firstIds = new ArrayList<>();
    private Instant now = Instant.ofEpochSecond(1_800_000_000);
    private final InstantSource clock = () -> now;
    private final Socket socket = new Socket(When.ALWAYS, false, Optional.empty());

    private static InetSocketAddress address(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /// A socket of a relay, and what its codec would do.
    private final class Socket {
        private final ConnectionIds ids =
                new ConnectionIds(
                        QuicConnectionIdGenerator.randomGenerator(), ID_LENGTH, firstIds::add);
        private final RetryTokens tokens;

        Socket(When when, boolean crowded, Optional<RetrySecret> secret) {
            tokens =
                    new RetryTokens(
                            when,
                            LIFETIME,
                            new RetryKeys(ROTATION, secret, clock),
                            ids,
                            _ -> crowded,
                            new RetryTokens.Clocks(clock, ticker));
        }

        boolean isAsked() {
            return tokens.writeToken(Unpooled.buffer(), Unpooled.wrappedBuffer(CHOSEN), CLIENT);
        }

        Retry retry() {
            var token = Unpooled.buffer();
            assertThat(tokens.writeToken(token, Unpooled.wrappedBuffer(CHOSEN), CLIENT)).isTrue();
            var given = ids.newId(ByteBuffer.allocate(8), ByteBuffer.wrap(CHOSEN), ID_LENGTH);
            return new Retry(token, Unpooled.wrappedBuffer(given));
        }

        boolean takes(ByteBuf token, ByteBuf given, InetSocketAddress from) {
            return tokens.validateToken(token.slice(), from, given.slice()).isValid();
        }

        boolean takes(Retry retry) {
            return takes(retry.token, retry.given, CLIENT);
        }
    }

    private record Retry(ByteBuf token, ByteBuf given) {}

    private static RetrySecret secret(int fill) {
        var bytes = new byte[RetrySecret.BYTES];
        java.util.Arrays.fill(bytes, (byte) fill);
        return new RetrySecret(bytes);
    }

    @Test
    void asksForNothingWithoutLoad() {
        assertThat(new Socket(When.UNDER_LOAD, false, Optional.empty()).isAsked()).isFalse();
        assertThat(new Socket(When.UNDER_LOAD, true, Optional.empty()).isAsked()).isTrue();
    }

    @Test
    void asksEverybodyOrNobodyWhenToldSo() {
        assertThat(new Socket(When.ALWAYS, false, Optional.empty()).isAsked()).isTrue();
        var never = new Socket(When.NEVER, true, Optional.empty());
        for (int i = 0; i < 100; i++) {
            assertThat(never.isAsked()).isFalse();
        }
    }

    @Test
    void asksEverybodyWhileFirstPacketsRush() {
        var idle = new Socket(When.UNDER_LOAD, false, Optional.empty());
        for (int i = 0; i < 50; i++) {
            assertThat(idle.isAsked()).isFalse();
        }
        assertThat(idle.isAsked()).isTrue();
        ticker.advance(1, TimeUnit.SECONDS);
        assertThat(idle.isAsked()).isFalse();
    }

    @Test
    void takesAGenuineTokenAndTellsOfTheConnectionThatComes() {
        var retry = socket.retry();
        assertThat(firstIds).as("a Retry makes no connection").isEmpty();
        assertThat(socket.takes(retry)).isTrue();
        assertThat(firstIds).containsExactly(retry.given.nioBuffer());
        int length = retry.token.readableBytes();
        assertThat(retry.token.slice(length - CHOSEN.length, CHOSEN.length))
                .isEqualTo(Unpooled.wrappedBuffer(CHOSEN));
        assertThat(length).isLessThanOrEqualTo(socket.tokens.maxTokenLength());
    }

    @Test
    void refusesATokenFromAnotherAddress() {
        var retry = socket.retry();
        assertThat(socket.takes(retry.token, retry.given, address(4001))).isFalse();
    }

    @Test
    void refusesATokenOfAnIpv4ClientFromTheIpv6AddressThatItsBytesSpell() throws Exception {
        long issued = now.toEpochMilli();
        // What the client chooses stands where the port and the time of an IPv6 client do.
        var chosen = ByteBuffer.allocate(20).putInt(4001).putLong(issued).putLong(7).flip();
        var token = Unpooled.buffer();
        socket.tokens.writeToken(token, Unpooled.wrappedBuffer(chosen.duplicate()), CLIENT);
        var given = socket.ids.newId(ByteBuffer.allocate(8), chosen.duplicate(), ID_LENGTH);

        var spelt = ByteBuffer.allocate(16).put(CLIENT.getAddress().getAddress());
        spelt.putInt(CLIENT.getPort()).putLong(issued);
        var forger = new InetSocketAddress(InetAddress.getByAddress(spelt.array()), 4001);
        var forged = token.copy(0, 1 + 8 + 32).writeLong(7);
        assertThat(socket.takes(token, Unpooled.wrappedBuffer(given), CLIENT)).isTrue();
        assertThat(socket.takes(forged, Unpooled.wrappedBuffer(given), forger)).isFalse();
    }

    @Test
    void refusesATokenWithAConnectionIdThatTheClientMadeUp() {
        var retry = socket.retry();
        for (int i = 0; i < ID_LENGTH; i++) {
            var other = retry.given.copy();
            other.setByte(i, other.getByte(i) ^ 1);
            assertThat(socket.takes(retry.token, other, CLIENT)).isFalse();
            assertThat(socket.takes(retry.token, retry.given.slice(0, i), CLIENT)).isFalse();
        }
        assertThat(firstIds).isEmpty();
    }

    @Test
    void refusesATokenChangedAnywhere() {
        var retry = socket.retry();
        for (int i = 0; i < retry.token.readableBytes(); i++) {
            var changed = retry.token.copy();
            changed.setByte(i, changed.getByte(i) ^ 1);
            assertThat(socket.takes(changed, retry.given, CLIENT)).as("byte " + i).isFalse();
        }
    }

    @Test
    void refusesEveryTruncation() {
        var retry = socket.retry();
        for (int length = 0; length < retry.token.readableBytes(); length++) {
            assertThat(socket.takes(retry.token.slice(0, length), retry.given, CLIENT)).isFalse();
        }
    }

    @Test
    void refusesATokenAfterItsLifetime() {
        var retry = socket.retry();
        now = now.plus(LIFETIME);
        assertThat(socket.takes(retry)).isTrue();
        now = now.plusMillis(1);
        assertThat(socket.takes(retry)).isFalse();
    }

    @Test
    void takesATokenOfTheSecretBeforeAndNoneOlder() {
        var longLived =
                new RetryTokens(
                        When.ALWAYS,
                        Duration.ofHours(1),
                        new RetryKeys(ROTATION, Optional.empty(), clock),
                        socket.ids,
                        _ -> false,
                        new RetryTokens.Clocks(clock, ticker));
        var token = Unpooled.buffer();
        longLived.writeToken(token, Unpooled.wrappedBuffer(CHOSEN), CLIENT);
        var given =
                Unpooled.wrappedBuffer(
                        socket.ids.newId(
                                ByteBuffer.allocate(8), ByteBuffer.wrap(CHOSEN), ID_LENGTH));
        now = now.plus(ROTATION);
        assertThat(longLived.validateToken(token.slice(), CLIENT, given).isValid()).isTrue();
        now = now.plus(ROTATION);
        assertThat(longLived.validateToken(token.slice(), CLIENT, given).isValid()).isFalse();
    }

    @Test
    void refusesATokenOfAnotherRelay() {
        var other = new Socket(When.ALWAYS, false, Optional.empty());
        assertThat(other.takes(socket.retry())).isFalse();
        var third = new Socket(When.ALWAYS, false, Optional.of(secret(1)));
        assertThat(new Socket(When.ALWAYS, false, Optional.of(secret(2))).takes(third.retry()))
                .isFalse();
    }

    @Test
    void takesATokenOfARelayWithTheSameSecretWhoseClockDiffers() {
        var one = new Socket(When.ALWAYS, false, Optional.of(secret(1)));
        var other = new Socket(When.ALWAYS, false, Optional.of(secret(1)));
        now = Instant.ofEpochSecond(1_800_000_000 / 60 * 60); // An epoch begins.
        var retry = one.retry();
        assertThat(other.takes(retry)).isTrue();
        now = now.minusSeconds(2);
        assertThat(other.takes(retry)).as("of the epoch to come").isTrue();
        now = now.minusSeconds(4);
        assertThat(other.takes(retry)).as("too far ahead").isFalse();
    }
}
