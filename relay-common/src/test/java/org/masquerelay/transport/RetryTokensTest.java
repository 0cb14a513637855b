package org.masquerelay.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class RetryTokensTest {
    private static final InetSocketAddress CLIENT = address(4000);
    private static final byte[] CONNECTION_ID = {1, 2, 3, 4, 5, 6, 7, 8};

    private final MockTicker ticker = Ticker.newMockTicker();
    private final RetryTokens tokens = new RetryTokens(new byte[32], _ -> true, ticker);

    private static InetSocketAddress address(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private ByteBuf token() {
        var out = Unpooled.buffer();
        assertThat(tokens.writeToken(out, Unpooled.wrappedBuffer(CONNECTION_ID), CLIENT)).isTrue();
        return out;
    }

    @Test
    void asksForNothingWithoutLoad() {
        var idle = new RetryTokens(new byte[32], _ -> false, ticker);
        assertThat(
                        idle.writeToken(
                                Unpooled.buffer(), Unpooled.wrappedBuffer(CONNECTION_ID), CLIENT))
                .isFalse();
    }

    @Test
    void asksEverybodyWhileFirstPacketsRush() {
        var idle = new RetryTokens(new byte[32], _ -> false, ticker);
        for (int i = 0; i < 50; i++) {
            assertThat(isAsked(idle)).isFalse();
        }
        assertThat(isAsked(idle)).isTrue();
        ticker.advance(1, TimeUnit.SECONDS);
        assertThat(isAsked(idle)).isFalse();
    }

    private static boolean isAsked(RetryTokens tokens) {
        return tokens.writeToken(Unpooled.buffer(), Unpooled.wrappedBuffer(CONNECTION_ID), CLIENT);
    }

    @Test
    void findsTheConnectionIdBehindAGenuineToken() {
        var token = token();
        int offset = tokens.validateToken(token.slice(), CLIENT);
        assertThat(token.slice(offset, token.readableBytes() - offset))
                .isEqualTo(Unpooled.wrappedBuffer(CONNECTION_ID));
        assertThat(token.readableBytes()).isLessThanOrEqualTo(tokens.maxTokenLength());
    }

    @Test
    void refusesATokenFromAnotherAddress() {
        assertThat(tokens.validateToken(token(), address(4001))).isEqualTo(-1);
    }

    @Test
    void refusesATokenChangedAnywhere() {
        var token = token();
        for (int i = 0; i < token.readableBytes(); i++) {
            var changed = token.copy();
            changed.setByte(i, changed.getByte(i) ^ 1);
            assertThat(tokens.validateToken(changed, CLIENT)).as("byte " + i).isEqualTo(-1);
        }
    }

    @Test
    void refusesEveryTruncation() {
        var token = token();
        for (int length = 0; length < token.readableBytes(); length++) {
            assertThat(tokens.validateToken(token.slice(0, length), CLIENT)).isEqualTo(-1);
        }
    }

    @Test
    void refusesATokenAfterItsLifetime() {
        var token = token();
        ticker.advance(10, TimeUnit.SECONDS);
        assertThat(tokens.validateToken(token.slice(), CLIENT)).isPositive();
        ticker.advance(1, TimeUnit.NANOSECONDS);
        assertThat(tokens.validateToken(token.slice(), CLIENT)).isEqualTo(-1);
    }
}
