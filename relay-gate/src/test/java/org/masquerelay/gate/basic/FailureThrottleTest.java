package org.masquerelay.gate.basic;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class FailureThrottleTest {
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    private final FailureThrottle throttle =
            new FailureThrottle(3, Duration.ofMinutes(1), now::get);

    private static Optional<InetAddress> client(String address) {
        try {
            return Optional.of(InetAddress.getByName(address));
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private void fail(String address, int times) {
        for (int i = 0; i < times; i++) {
            assertThat(throttle.begin(client(address))).isEmpty();
        }
    }

    @Test
    void letsAnAddressFailSoManyTimesInAWindow() {
        fail("192.0.2.1", 3);
        now.set(Instant.EPOCH.plusSeconds(20));

        assertThat(throttle.begin(client("192.0.2.1"))).contains(Duration.ofSeconds(41));
        assertThat(throttle.begin(client("192.0.2.2"))).isEmpty();

        now.set(Instant.EPOCH.plusSeconds(60));
        fail("192.0.2.1", 3);
        assertThat(throttle.begin(client("192.0.2.1"))).isPresent();
    }

    @Test
    void doesNotCountSuccesses() {
        for (int i = 0; i < 10; i++) {
            fail("192.0.2.1", 1);
            throttle.succeeded(client("192.0.2.1"));
        }
        assertThat(throttle.addresses()).isZero();
    }

    @Test
    void countsAttemptsUnderWay() {
        fail("192.0.2.1", 3);
        assertThat(throttle.begin(client("192.0.2.1"))).isPresent();

        throttle.succeeded(client("192.0.2.1"));
        throttle.succeeded(client("192.0.2.1"));
        fail("192.0.2.1", 1);
    }

    @Test
    void takesANetworkOfIpv6ForOneClient() {
        fail("2001:db8:0:1::1", 1);
        fail("2001:db8:0:1::2", 1);
        fail("2001:db8:0:1:ffff::", 1);

        assertThat(throttle.begin(client("2001:db8:0:1::3"))).isPresent();
        assertThat(throttle.begin(client("2001:db8:0:2::3"))).isEmpty();
    }

    @Test
    void remembersABoundedNumberOfAddresses() {
        for (int i = 0; i < 20_000; i++) {
            fail("10.0." + i / 256 + "." + i % 256, 1);
        }
        assertThat(throttle.addresses()).isLessThanOrEqualTo(16_384);

        now.set(Instant.EPOCH.plusSeconds(61));
        fail("192.0.2.1", 1);
        assertThat(throttle.addresses()).isEqualTo(1);
    }
}
