package org.masquerelay.egress.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.masquerelay.dns.DnsAnswer;
import org.masquerelay.dns.Question;
import org.masquerelay.tunnel.RefusalReason;

final class AnswerCacheTest {
    private static final int CAPACITY = 3;
    private static final ResolverSettings.Cache BOUNDS =
            new ResolverSettings.Cache(
                    CAPACITY,
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(10));

    private final MockTicker ticker = Ticker.newMockTicker();
    private final AnswerCache cache = new AnswerCache(BOUNDS, CAPACITY, ticker);

    private static Question question(String name) {
        return new Question(name, DnsRecordType.A);
    }

    private static DnsAnswer address(long ttlSeconds) {
        return new DnsAnswer.Addresses(List.of(InetAddress.ofLiteral("192.0.2.1")), ttlSeconds);
    }

    private void assertLives(DnsAnswer answer, long seconds) {
        var question = question("a.test.");
        cache.put(question, answer);
        ticker.advance(TimeUnit.SECONDS.toNanos(seconds) - 1, TimeUnit.NANOSECONDS);
        assertThat(cache.get(question)).isEqualTo(answer);
        ticker.advance(1, TimeUnit.NANOSECONDS);
        assertThat(cache.get(question)).isNull();
        assertThat(cache.size()).isZero();
    }

    @ParameterizedTest(name = "a TTL of {0} s is taken for {1} s")
    @CsvSource({"0, 5", "4, 5", "5, 5", "30, 30", "60, 60", "86400, 60"})
    void keepsAddressesWithinBounds(long ttl, long seconds) {
        assertLives(address(ttl), seconds);
    }

    @ParameterizedTest(name = "a negative TTL of {0} s is taken for {1} s")
    @CsvSource({"1, 1", "10, 10", "3600, 10"})
    void keepsWhatIsNotThereForAShortTime(long ttl, long seconds) {
        assertLives(new DnsAnswer.NoName(ttl), seconds);
        assertLives(new DnsAnswer.NoData(ttl), seconds);
    }

    @Test
    void keepsNoFailureAndNothingWithoutATtl() {
        cache.put(question("a.test."), new DnsAnswer.NoName(0));
        cache.put(question("b.test."), new DnsAnswer.NoData(0));
        cache.put(question("c.test."), new DnsAnswer.Failed(RefusalReason.DNS_TIMEOUT.because("")));

        assertThat(cache.size()).isZero();
    }

    @Test
    void keepsAnAddressWithoutATtlForNoTimeUnlessToldTo() {
        var strict =
                new AnswerCache(
                        new ResolverSettings.Cache(
                                CAPACITY,
                                Duration.ZERO,
                                Duration.ofSeconds(60),
                                Duration.ofSeconds(10)),
                        CAPACITY,
                        ticker);
        strict.put(question("a.test."), address(0));

        assertThat(strict.size()).isZero();
    }

    @Test
    void forgetsWhatWasNotUsedLatelyWhenItIsFull() {
        for (int i = 0; i < CAPACITY; i++) {
            cache.put(question(i + ".test."), address(30));
        }
        assertThat(cache.get(question("0.test."))).isNotNull();
        cache.put(question("new.test."), address(30));

        assertThat(cache.size()).isEqualTo(CAPACITY);
        assertThat(cache.get(question("0.test."))).isNotNull();
        assertThat(cache.get(question("1.test."))).isNull();
    }

    @Test
    void keepsNothingWithoutRoom() {
        var none = new AnswerCache(BOUNDS, 0, ticker);
        none.put(question("a.test."), address(30));

        assertThat(none.get(question("a.test."))).isNull();
    }
}
