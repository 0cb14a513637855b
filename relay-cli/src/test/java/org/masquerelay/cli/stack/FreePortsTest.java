package org.masquerelay.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

final class FreePortsTest {
    @Test
    void findsDifferentPortsForBothProtocols() throws Exception {
        var ports = FreePorts.find(8);

        assertThat(ports).hasSize(8).doesNotHaveDuplicates();
        for (int port : ports) {
            var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            try (var stream = new ServerSocket();
                    var datagrams = new DatagramSocket(address)) {
                stream.bind(address);
                assertThat(stream.getLocalPort()).isEqualTo(datagrams.getLocalPort());
            }
        }
    }
}
