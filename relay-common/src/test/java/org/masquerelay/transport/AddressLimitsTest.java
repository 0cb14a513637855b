package org.masquerelay.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

final class AddressLimitsTest {
    private final AddressLimits limits = new AddressLimits(2);

    private boolean enter(String address) throws UnknownHostException {
        return limits.enter(InetAddress.getByName(address));
    }

    @Test
    void countsIpv4PerAddress() throws Exception {
        assertThat(enter("192.0.2.1")).isTrue();
        assertThat(enter("192.0.2.1")).isTrue();
        assertThat(enter("192.0.2.1")).isFalse();
        assertThat(enter("::ffff:192.0.2.1")).isFalse();
        assertThat(enter("192.0.2.2")).isTrue();
    }

    @Test
    void countsIpv6PerSlash64() throws Exception {
        assertThat(enter("2001:db8:0:1::1")).isTrue();
        assertThat(enter("2001:db8:0:1:ffff::2")).isTrue();
        assertThat(enter("2001:db8:0:1::3")).isFalse();
        assertThat(enter("2001:db8:0:2::3")).isTrue();
    }

    @Test
    void keepsNothingOfWhoHasLeft() throws Exception {
        var client = InetAddress.getByName("192.0.2.1");
        for (int i = 0; i < 5; i++) {
            assertThat(limits.enter(client)).isTrue();
            assertThat(limits.enter(client)).isTrue();
            assertThat(limits.enter(client)).isFalse();
            limits.leave(client);
            limits.leave(client);
            assertThat(limits.addresses()).isZero();
        }
    }
}
