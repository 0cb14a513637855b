package org.masquerelay.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.util.LeakPresenceDetector;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What the kernel is told about the sockets of targets.
@Timeout(30)
final class TargetDialerTest {
    private final EventLoops loops = EventLoops.start(1);
    private DatagramSocket target;
    private Channel channel;

    @BeforeEach
    void dial() throws Exception {
        target = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        SocketAddress address =
                new InetSocketAddress(InetAddress.getLoopbackAddress(), target.getLocalPort());
        channel =
                TargetBootstraps.udp(loops.all().getFirst(), InetAddress.getLoopbackAddress())
                        .connect(address)
                        .sync()
                        .channel();
    }

    @AfterEach
    void close() {
        channel.close().syncUninterruptibly();
        target.close();
        loops.close();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    @Test
    @DisplayName("R2 3.1: packets to targets are not to be fragmented")
    void setsDontFragment() {
        assumeTrue(EventLoops.usesEpoll(), "Netty's NIO transport cannot set it");
        assertThat(channel.config().getOption(DontFragment.OPTION)).isEqualTo(DontFragment.ALWAYS);
    }

    @Test
    @DisplayName("R2 6.2: packets to targets are Not-ECT")
    void marksNoEcn() {
        assertThat(channel.config().getOption(ChannelOption.IP_TOS)).isZero();
    }
}
