package org.masquerelay.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.EventLoop;
import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.testkit.FakeTunnelStream;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.StreamEnd;

@Timeout(30)
final class BlockingTunnelsTest {
    private final EventLoops loops = EventLoops.start(1);
    private final EventLoop loop = loops.all().getFirst();
    private final FakeTunnelStream stream = new FakeTunnelStream();

    @AfterEach
    void close() {
        loops.close();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    private <T> T onLoop(Supplier<T> task) throws Exception {
        return loop.submit(task::get).get(10, TimeUnit.SECONDS);
    }

    private void doOnLoop(Runnable task) throws Exception {
        loop.submit(task).get(10, TimeUnit.SECONDS);
    }

    private TcpTunnel tcp() throws Exception {
        return onLoop(() -> new BlockingTcpTunnel(loop, stream));
    }

    private UdpTunnel udp() throws Exception {
        return onLoop(() -> new BlockingUdpTunnel(loop, stream));
    }

    @Test
    void readsBytesUpToTheTargetsFin() throws Exception {
        var tunnel = tcp();
        doOnLoop(() -> stream.peerSends("hel"));
        doOnLoop(() -> stream.peerSends("lo"));
        doOnLoop(() -> stream.peer().finished());
        assertThat(tunnel.input().readAllBytes()).asString(UTF_8).isEqualTo("hello");
        assertThat(tunnel.input().read()).isEqualTo(-1);
        assertThat(stream.isFinished()).isFalse();
    }

    @Test
    void failsReadersOfAResetTunnelOnceTheyHaveAllThatCame() throws Exception {
        var tunnel = tcp();
        doOnLoop(() -> stream.peerSends("x"));
        doOnLoop(() -> stream.ends(StreamEnd.RESET));
        assertThat(tunnel.input().read()).isEqualTo('x');
        assertThatThrownBy(() -> tunnel.input().read()).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> tunnel.output().write(1)).isInstanceOf(IOException.class);
    }

    @Test
    void pausesTheStreamWhileNobodyReads() throws Exception {
        var tunnel = tcp();
        var block = "x".repeat(64 << 10);
        for (int i = 0; i < 5; i++) {
            doOnLoop(() -> stream.peerSends(block));
        }
        assertThat(onLoop(stream::isPaused)).isTrue();
        assertThat(tunnel.input().readNBytes(4 * block.length())).hasSize(4 * block.length());
        assertThat(onLoop(stream::isPaused)).isFalse();
    }

    @Test
    void letsWritersWaitWhileTheStreamIsFull() throws Exception {
        var tunnel = tcp();
        doOnLoop(stream::fillUp);
        tunnel.output().write("first".getBytes(UTF_8));
        doOnLoop(() -> {});
        var second = new CompletableFuture<Boolean>();
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        tunnel.output().write("second".getBytes(UTF_8));
                        second.complete(true);
                    } catch (IOException failure) {
                        second.completeExceptionally(failure);
                    }
                });
        doOnLoop(() -> assertThat(stream.written()).containsExactly("first"));
        doOnLoop(stream::drainAll);
        assertThat(second.get(10, TimeUnit.SECONDS)).isTrue();
        doOnLoop(() -> assertThat(stream.written()).containsExactly("first", "second"));
    }

    @Test
    void finishesOnlyItsOwnDirectionWhenTheOutputIsClosed() throws Exception {
        var tunnel = tcp();
        tunnel.output().write("bye".getBytes(UTF_8));
        tunnel.output().close();
        tunnel.output().close();
        assertThat(onLoop(stream::isFinished)).isTrue();
        assertThatThrownBy(() -> tunnel.output().write(1)).isInstanceOf(IOException.class);
        doOnLoop(() -> stream.peerSends("and you"));
        assertThat(tunnel.input().readNBytes(7)).asString(UTF_8).isEqualTo("and you");
        tunnel.close();
        doOnLoop(() -> assertThat(stream.resetCause()).isEqualTo(ResetCause.CANCELLED));
    }

    @Test
    void receivesDatagramsOneByOneEvenEmptyOnes() throws Exception {
        var tunnel = udp();
        doOnLoop(() -> stream.peerSends("one"));
        doOnLoop(() -> stream.peerSends(""));
        assertThat(tunnel.receive(Duration.ofSeconds(5)).orElseThrow()).hasSize(3);
        assertThat(tunnel.receive(Duration.ofSeconds(5)).orElseThrow()).isEmpty();
        assertThat(tunnel.receive(Duration.ZERO)).isEmpty();
    }

    @Test
    void keepsNoMoreThanAThousandDatagrams() throws Exception {
        var tunnel = udp();
        doOnLoop(() -> {
            for (int i = 0; i < 2000; i++) {
                stream.peerSends("x");
            }
        });
        int received = 0;
        while (tunnel.receive(Duration.ZERO).isPresent()) {
            received++;
        }
        assertThat(received).isEqualTo(1024);
    }

    @Test
    void queuesNoMoreThanAThousandDatagramsForTheLoop() throws Exception {
        var tunnel = udp();
        var held = new CountDownLatch(1);
        loop.execute(() -> {
            try {
                held.await();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        });
        for (int i = 0; i < 2000; i++) {
            tunnel.send(new byte[] {'x'});
        }
        held.countDown();
        doOnLoop(() -> assertThat(stream.written()).hasSize(1024));
        tunnel.send(new byte[] {'y'});
        doOnLoop(() -> assertThat(stream.written()).hasSize(1025).endsWith("y"));
    }

    @Test
    void tellsEveryReceiverThatTheTunnelIsClosed() throws Exception {
        var tunnel = udp();
        doOnLoop(() -> stream.peerSends("last"));
        doOnLoop(() -> stream.ends(StreamEnd.FINISHED));
        assertThat(tunnel.receive(Duration.ofSeconds(5)).orElseThrow()).hasSize(4);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> tunnel.receive(Duration.ofSeconds(5)))
                    .isInstanceOf(IOException.class);
        }
        assertThatThrownBy(() -> tunnel.send(new byte[1])).isInstanceOf(IOException.class);
    }

    @Test
    void finishesAUdpTunnelThatTheTargetHasFinished() throws Exception {
        udp();
        doOnLoop(() -> stream.peer().finished());
        assertThat(onLoop(stream::isFinished)).isTrue();
    }
}
