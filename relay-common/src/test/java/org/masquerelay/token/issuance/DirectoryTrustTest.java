package org.masquerelay.token.issuance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.masquerelay.token.TokenFaults.assertFault;

import java.math.BigInteger;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.masquerelay.token.BlindRsaKey;
import org.masquerelay.token.IssuerKey;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TokenFormatException.Fault;
import org.masquerelay.token.TokenType;
import org.masquerelay.token.Vectors;
import org.masquerelay.token.issuance.DirectoryTrust.Policy;

class DirectoryTrustTest {
    private static final Instant START = Instant.parse("2030-01-01T00:00:00Z");
    private static final Duration OVERLAP = Duration.ofHours(6);
    private static final Policy POLICY =
            new Policy(Duration.ofMinutes(1), Duration.ofDays(1), OVERLAP, Duration.ofDays(7));
    private static final Freshness HOUR = Freshness.of("max-age=3600");

    private final BlindRsaKey old =
            BlindRsaKey.parse(Vectors.read("rfc9578-type2.json").getFirst().hex("pkS"));
    private final BlindRsaKey next =
            BlindRsaKey.ofModulus(old.rsa().getModulus().add(BigInteger.TWO));
    private Instant now = START;
    private DirectoryTrust trust = DirectoryTrust.none(POLICY);

    DirectoryTrustTest() throws TokenFormatException {}

    @Test
    void trustsNothingAndFetchesAtOnceInTheBeginning() {
        assertThat(trust.keys(now)).isEmpty();
        assertThat(trust.refreshAt()).isBefore(now);
    }

    @ParameterizedTest
    @CsvSource({
        "max-age=3600,                        ,                              ,     3600",
        "'public, Max-Age=3600, x=y',         ,                              , 3600",
        "'max-age=\"3600\"',                  ,                              , 3600",
        "max-age=3600,                        ,                              600,  3000",
        "max-age=3600,                        ,                              3590, 60",
        "max-age=3600, 'Tue, 01 Jan 2030 00:10:00 GMT',                      ,     3600",
        ",             'Tue, 01 Jan 2030 00:10:00 GMT',                      ,     600",
        ",             'Mon, 31 Dec 2029 00:10:00 GMT',                      ,     60",
        ",                                    0,                             ,     60",
        "max-age=1,                           ,                              ,     60",
        "max-age=-1,                          ,                              ,     60",
        "max-age=soon,                        ,                              ,     60",
        "no-store,                            ,                              ,     60",
        "'max-age=3600, no-cache',            ,                              ,     60",
        "max-age=99999999999999999999,        ,                              ,     86400",
        "private,                             ,                              ,     86400",
        ",                                    ,                              ,     86400",
    })
    void refreshesWhenTheHeadersSaySoWithinBounds(
            String cacheControl, String expires, String age, int seconds) throws Exception {
        var freshness =
                new Freshness(
                        cacheControl == null ? List.of() : List.of(cacheControl),
                        Optional.ofNullable(expires),
                        Optional.ofNullable(age));

        fetched(freshness, entry(old));

        assertThat(trust.refreshAt()).isEqualTo(now.plusSeconds(seconds));
    }

    @Test
    void keepsAKeyForTheOverlapThatTheDirectoryDropped() throws Exception {
        fetched(HOUR, entry(old));
        pass(Duration.ofHours(1));
        fetched(HOUR, entry(next));

        assertThat(trust.keys(now)).containsExactly(next, old);
        pass(OVERLAP.minusMillis(1));
        assertThat(trust.keys(now)).containsExactly(next, old);
        assertThat(trust.changesAt(now)).isEqualTo(now.plusMillis(1));
        pass(Duration.ofMillis(1));
        assertThat(trust.keys(now)).containsExactly(next);
    }

    @Test
    void doesNotProlongTheOverlapWithEachRefresh() throws Exception {
        fetched(HOUR, entry(old));
        fetched(HOUR, entry(next));
        for (int hour = 0; hour < 6; hour++) {
            pass(Duration.ofHours(1));
            fetched(HOUR, entry(next));
        }
        assertThat(trust.keys(now)).containsExactly(next);
        assertThat(trust.departed()).isEmpty();
    }

    @Test
    void takesBackAKeyThatIsListedAgain() throws Exception {
        fetched(HOUR, entry(old));
        fetched(HOUR, entry(next));
        fetched(HOUR, entry(old), entry(next));
        pass(OVERLAP.plusHours(1));

        assertThat(trust.keys(now)).containsExactly(old, next);
    }

    // RFC 9578, section 4: clocks differ, so any listed key verifies, but clients are asked for one
    // whose time has come.
    @Test
    void verifiesWithAKeyToComeButDoesNotOfferIt() throws Exception {
        fetched(HOUR, new IssuerDirectory.Entry(next, now.plusSeconds(60)), entry(old));

        var issuer = trust.issuer("issuer.example", List.of(), now);

        assertThat(issuer.keys())
                .extracting(key -> key.verifying().publicKey())
                .containsExactly(next, old);
        assertThat(issuer.offered(now)).containsExactly(old);
        assertThat(issuer.offered(now.plusSeconds(60))).containsExactly(next, old);
    }

    @Test
    void verifiesWithADroppedKeyButDoesNotOfferIt() throws Exception {
        fetched(HOUR, entry(old));
        fetched(HOUR, entry(next));

        var issuer = trust.issuer("issuer.example", List.of(), now);

        assertThat(issuer.keys()).hasSize(2);
        assertThat(issuer.offered(now)).containsExactly(next);
    }

    // An answer with a challenge for each of a hundred keys would be too long for most clients.
    @Test
    void offersNoMoreThanTheFirstKeysOfEachType() throws Exception {
        var entries = new ArrayList<IssuerDirectory.Entry>();
        var keys = new ArrayList<IssuerKey>();
        for (int i = 0; i < 100; i++) {
            keys.add(BlindRsaKey.ofModulus(old.rsa().getModulus().add(BigInteger.valueOf(2L * i))));
            entries.add(entry(keys.getLast()));
        }
        var own = VoprfKeyPair.generate(new SecureRandom());
        entries.add(entry(own.publicKey()));
        fetched(HOUR, entries.toArray(IssuerDirectory.Entry[]::new));

        var issuer = trust.issuer("issuer.example", List.of(own.verifyingKey()), now);

        var expected = new ArrayList<>(keys.subList(0, 4));
        expected.add(own.publicKey());
        assertThat(issuer.offered(now)).isEqualTo(expected);
        assertThat(issuer.keys()).hasSize(101);
    }

    @Test
    void leavesOutPrivatelyVerifiableKeysItHasNoPrivateHalfOf() throws Exception {
        var random = new SecureRandom();
        var own = VoprfKeyPair.generate(random);
        var foreign = VoprfKeyPair.generate(random);
        fetched(HOUR, entry(foreign.publicKey()), entry(own.publicKey()), entry(old));

        var issuer = trust.issuer("issuer.example", List.of(own.verifyingKey()), now);

        assertThat(issuer.offered(now)).containsExactly(own.publicKey(), old);
        assertThat(issuer.offered(now))
                .extracting(IssuerKey::type)
                .containsExactly(TokenType.VOPRF, TokenType.BLIND_RSA);
    }

    @Test
    void outlivesFailuresUntilItIsStale() throws Exception {
        fetched(HOUR, entry(old));
        pass(Duration.ofHours(1));
        trust = trust.failed(now);

        assertThat(trust.refreshAt()).isEqualTo(now.plus(POLICY.minRefresh()));
        assertThat(trust.keys(now)).containsExactly(old);
        now = START.plus(POLICY.maxStale()).minusMillis(1);
        assertThat(trust.failed(now).keys(now)).containsExactly(old);
        assertThat(trust.changesAt(now)).isEqualTo(START.plus(POLICY.maxStale()));
        pass(Duration.ofMillis(1));
        assertThat(trust.failed(now).keys(now)).isEmpty();
        assertThat(trust.failed(now).changesAt(now)).isEqualTo(Instant.MAX);
    }

    @Test
    void changesNothingForADirectoryThatIsNone() throws Exception {
        fetched(HOUR, entry(old));
        var before = trust;
        assertFault(Fault.DIRECTORY, () -> trust.fetched("<html>".getBytes(UTF_8), HOUR, now));
        assertThat(trust).isEqualTo(before);
    }

    @Test
    void boundsWhatItRemembers() throws Exception {
        var random = new SecureRandom();
        for (int round = 0; round < 3 * IssuerKeySet.MAX_KEYS; round++) {
            fetched(HOUR, entry(VoprfKeyPair.generate(random).publicKey()));
        }
        assertThat(trust.departed()).hasSize(IssuerKeySet.MAX_KEYS);
    }

    @Test
    void refusesPoliciesThatCannotWork() {
        var day = Duration.ofDays(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Policy(Duration.ZERO, day, day, day));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Policy(day.plusSeconds(1), day, day, day));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Policy(day, day, day, day.minusSeconds(1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Policy(day, day, day.negated(), day));
    }

    private void pass(Duration time) {
        now = now.plus(time);
    }

    private void fetched(Freshness freshness, IssuerDirectory.Entry... entries)
            throws TokenFormatException {
        var directory = new IssuerDirectory(URI.create("/r"), Arrays.asList(entries));
        trust = trust.fetched(directory.toJson(), freshness, now);
    }

    private static IssuerDirectory.Entry entry(IssuerKey key) {
        return IssuerDirectory.Entry.usable(key);
    }
}
