package org.masquerelay.ingress.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.masquerelay.ingress.directory.Egress;
import org.masquerelay.ingress.fleet.FleetSettings.Ejection;
import org.masquerelay.ingress.fleet.FleetSettings.Sticky;
import org.masquerelay.tunnel.Tenant;
import org.masquerelay.wire.HostPort;

final class FleetTest {
    private static final Duration BASE = Duration.ofSeconds(10);
    private static final Duration MAX = Duration.ofSeconds(60);

    private final MockTicker ticker = Ticker.newMockTicker();
    private final Random random = new Random(7);

    private static Egress egress(int number) {
        return egress(number, 0, 1);
    }

    private static Egress egress(int number, int priority, int weight) {
        var at = new HostPort("192.0.2." + number, 4434);
        return new Egress(at.toString(), at, Optional.empty(), priority, weight);
    }

    private static List<Egress> egresses(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(FleetTest::egress).toList();
    }

    private Fleet fleet(Sticky sticky, double maxShare, List<Egress> egresses) {
        var ejection = new Ejection(3, BASE, MAX, maxShare);
        var fleet =
                new Fleet(
                        new FleetSettings(sticky, 2, Duration.ofSeconds(1), ejection),
                        ticker,
                        random);
        fleet.replace(egresses);
        return fleet;
    }

    private Fleet fleet(double maxShare, int egresses) {
        return fleet(Sticky.NONE, maxShare, egresses(egresses));
    }

    private static Member choose(Fleet fleet) {
        return fleet.choose(Optional.empty(), List.of()).orElseThrow();
    }

    /// With two causes in turn, of which the last is [FailureCause#CONNECT]: each counts.
    private void fail(Fleet fleet, Member member, int times) {
        pass(Duration.ofSeconds(1));
        for (int i = times; i > 0; i--) {
            fleet.failed(member, i % 2 == 1 ? FailureCause.CONNECT : FailureCause.LOST);
        }
    }

    /// How often each is chosen, of tunnels that stay.
    private static Map<Member, Integer> chosen(Fleet fleet, int tunnels) {
        var counts = new HashMap<Member, Integer>();
        for (int i = 0; i < tunnels; i++) {
            var member = choose(fleet);
            member.enter();
            counts.merge(member, 1, Integer::sum);
        }
        return counts;
    }

    private void pass(Duration time) {
        ticker.advance(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Test
    void keepsTunnelsCloseToEven() {
        var fleet = fleet(0.7, 5);
        assertThat(chosen(fleet, 1000).values())
                .allSatisfy(count -> assertThat(count).isCloseTo(200, within(6)));
    }

    @Test
    @DisplayName("RFC 2782: weights are shares of the tunnels, and 0 hardly any")
    void followsWeights() {
        var fleet =
                fleet(
                        Sticky.NONE,
                        0.7,
                        List.of(egress(1, 0, 30), egress(2, 0, 10), egress(3, 0, 0)));
        var counts = chosen(fleet, 400);
        assertThat(counts.get(fleet.members().get(0))).isCloseTo(300, within(15));
        assertThat(counts.get(fleet.members().get(1))).isCloseTo(100, within(15));
        assertThat(counts.getOrDefault(fleet.members().get(2), 0)).isLessThan(10);
    }

    @Test
    @DisplayName("RFC 2782: a higher number is used only while no lower one can be")
    void followsPriorities() {
        var fleet =
                fleet(Sticky.NONE, 0.7, List.of(egress(1, 0, 1), egress(2, 0, 1), egress(3, 1, 1)));
        var spare = fleet.members().get(2);
        assertThat(chosen(fleet, 100)).doesNotContainKey(spare);
        fail(fleet, fleet.members().get(0), 3);
        assertThat(chosen(fleet, 100)).doesNotContainKey(spare);
        fail(fleet, fleet.members().get(1), 3);
        assertThat(choose(fleet)).isSameAs(spare);
    }

    @Test
    void ejectsAfterFailuresInARowAndNotAfterOthers() {
        var fleet = fleet(0.7, 2);
        var one = fleet.members().getFirst();
        fail(fleet, one, 2);
        fleet.answered(one);
        fail(fleet, one, 2);
        assertThat(fleet.isOut(one)).isFalse();
        fail(fleet, one, 1);
        assertThat(fleet.isOut(one)).isTrue();
        assertThat(chosen(fleet, 50)).doesNotContainKey(one);
        assertThat(fleet.ejections(FailureCause.CONNECT).sum()).isEqualTo(1);
    }

    @Test
    void countsAnIncidentThatManyLoopsMeetOnce() {
        var fleet = fleet(0.7, 2);
        var one = fleet.members().getFirst();
        for (int incident = 0; incident < 2; incident++) {
            for (int loop = 0; loop < 8; loop++) {
                fleet.failed(one, FailureCause.LOST);
            }
            pass(Duration.ofMillis(999));
            fleet.failed(one, FailureCause.LOST);
            pass(Duration.ofMillis(1));
            assertThat(fleet.isOut(one)).isFalse();
        }
        fleet.failed(one, FailureCause.LOST);
        assertThat(fleet.isOut(one)).isTrue();
    }

    @Test
    void ejectsForAGrowingTimeWithAProbeInBetween() {
        var fleet = fleet(0.7, 2);
        var one = fleet.members().getFirst();
        fail(fleet, one, 3);
        for (long seconds : new long[] {10, 20, 40, 60, 60}) {
            pass(Duration.ofMillis(seconds * 1000 * 89 / 100));
            assertThat(fleet.isOut(one)).isTrue();
            assertThat(choose(fleet)).isNotSameAs(one);
            pass(Duration.ofMillis(seconds * 1000 * 22 / 100)); // A tenth more, and a bit.
            assertThat(choose(fleet)).as("the probe").isSameAs(one);
            assertThat(chosen(fleet, 20)).as("while it is out").doesNotContainKey(one);
            fail(fleet, one, 1);
        }
        pass(Duration.ofSeconds(67));
        assertThat(choose(fleet)).isSameAs(one);
        fleet.answered(one);
        assertThat(fleet.isOut(one)).isFalse();
    }

    @Test
    void sendsAnotherProbeWhenNothingIsHeardOfTheFirst() {
        var fleet = fleet(0.7, 2);
        var one = fleet.members().getFirst();
        fail(fleet, one, 3);
        pass(Duration.ofSeconds(12));
        assertThat(choose(fleet)).isSameAs(one);
        pass(Duration.ofSeconds(29));
        assertThat(choose(fleet)).isNotSameAs(one);
        pass(Duration.ofSeconds(1));
        assertThat(choose(fleet)).isSameAs(one);
    }

    @Test
    void endsAProbeWithAConnectionWhereConnectionsFailed() {
        for (var cause : FailureCause.values()) {
            var fleet = fleet(0.7, 2);
            var one = fleet.members().getFirst();
            for (int i = 0; i < 3; i++) {
                pass(Duration.ofSeconds(1));
                fleet.failed(one, cause);
            }
            fleet.connected(one);
            assertThat(fleet.isOut(one)).as("before the probe").isTrue();
            pass(Duration.ofSeconds(12));
            assertThat(choose(fleet)).isSameAs(one);
            fleet.connected(one);
            assertThat(fleet.isOut(one))
                    .as(cause.tag())
                    .isEqualTo(cause == FailureCause.GATEWAY || cause == FailureCause.TIMEOUT);
        }
    }

    @Test
    void forgetsEjectionsThatAreLongAgo() {
        var fleet = fleet(0.7, 2);
        var one = fleet.members().getFirst();
        fail(fleet, one, 3);
        pass(Duration.ofSeconds(12));
        choose(fleet);
        fleet.answered(one);
        pass(MAX.plusSeconds(1));
        fail(fleet, one, 3);
        assertThat(fleet.nextTry().orElseThrow())
                .isBetween(Duration.ofSeconds(9), Duration.ofSeconds(11));
    }

    @Test
    void leavesTheShareOfTheFleetThatIsNotToBeEjected() {
        for (int size = 1; size <= 6; size++) {
            var fleet = fleet(0.7, size);
            fleet.members().forEach(member -> fail(fleet, member, 10));
            assertThat(fleet.members().stream().filter(fleet::isOut))
                    .hasSize((int) (0.7 * size + 1e-9));
            assertThat(fleet.isOut(choose(fleet))).isFalse();
        }
    }

    @Test
    void hasNobodyWhenAllMayBeEjectedAndAre() {
        var fleet = fleet(1, 2);
        fleet.members().forEach(member -> fail(fleet, member, 3));
        assertThat(fleet.choose(Optional.empty(), List.of())).isEmpty();
        assertThat(fleet.hasOther(List.of())).isFalse();
    }

    @Test
    void takesEgressesBackWhenTheFleetBecomesSmaller() {
        var fleet = fleet(0.7, 3);
        fail(fleet, fleet.members().get(0), 3);
        fail(fleet, fleet.members().get(1), 3);
        fleet.replace(egresses(2));
        assertThat(fleet.members().stream().filter(fleet::isOut)).hasSize(1);
    }

    @Test
    void usesWhatRestsOnlyWhereNothingElseIs() {
        var fleet = fleet(0.7, 2);
        var one = fleet.members().get(0);
        var other = fleet.members().get(1);
        fleet.busy(one, RetryReason.DRAINING, Optional.empty());
        assertThat(chosen(fleet, 20)).containsOnlyKeys(other);
        assertThat(fleet.choose(Optional.empty(), List.of(other))).contains(one);
        assertThat(fleet.standings().getFirst().why()).contains("draining");
        pass(Duration.ofSeconds(1));
        assertThat(chosen(fleet, 40)).containsKey(one);
        assertThat(fleet.standings().getFirst().why()).isEmpty();
    }

    @Test
    void knowsAnEgressThatComesBackWhileItHasTunnels() {
        var fleet = fleet(0.7, 2);
        var one = fleet.members().getFirst();
        one.enter();
        fleet.replace(List.of(egress(2)));
        assertThat(fleet.has(one)).isFalse();
        fleet.replace(egresses(2));
        assertThat(fleet.members().getFirst()).isSameAs(one);
        one.leave();
        fleet.replace(List.of(egress(2)));
        fleet.replace(List.of(egress(2)));
        fleet.replace(egresses(2));
        assertThat(fleet.members().getFirst()).isNotSameAs(one);
    }

    @Test
    @DisplayName("RFC 2782: another priority or weight makes no other egress")
    void knowsAnEgressWhoseRankChanges() {
        var fleet = fleet(0.7, 2);
        var one = fleet.members().getFirst();
        fail(fleet, one, 3);
        fleet.replace(List.of(egress(1, 1, 9), egress(2)));
        assertThat(fleet.members().getFirst()).isSameAs(one);
        assertThat(fleet.isOut(one)).isTrue();
        assertThat(one.egress().weight()).isEqualTo(9);
        pass(Duration.ofSeconds(12));
        assertThat(choose(fleet)).as("the probe").isSameAs(one);
        fleet.answered(one);
        assertThat(chosen(fleet, 20)).as("of a higher number").doesNotContainKey(one);
    }

    @Test
    void takesProbesBackToo() {
        var fleet = fleet(0.7, 3);
        var one = fleet.members().get(0);
        fail(fleet, one, 3);
        fail(fleet, fleet.members().get(1), 3);
        pass(Duration.ofSeconds(12));
        assertThat(choose(fleet)).isSameAs(one);
        fleet.replace(egresses(2));
        assertThat(fleet.members().stream().filter(fleet::isOut))
                .containsExactly(fleet.members().get(1));
    }

    @Test
    void takesTheFirstOfTwoWithOneName() {
        var fleet = fleet(Sticky.NONE, 0.7, List.of(egress(1, 0, 5), egress(1, 0, 9), egress(2)));
        assertThat(fleet.members()).hasSize(2);
        assertThat(fleet.members().getFirst().egress().weight()).isEqualTo(5);
    }

    private static Member home(Fleet fleet, String tenant) {
        return fleet.choose(Optional.of(new Tenant(tenant)), List.of()).orElseThrow();
    }

    @Test
    void movesOnlyTheTenantsOfAnEgressThatHasLeft() {
        var fleet = fleet(Sticky.TENANT, 0.7, egresses(5));
        var before = new ArrayList<Member>();
        for (int i = 0; i < 500; i++) {
            before.add(home(fleet, "tenant-" + i));
        }
        assertThat(new HashSet<>(before)).hasSize(5);
        var gone = fleet.members().getLast();
        fleet.replace(egresses(4));
        for (int i = 0; i < 500; i++) {
            var now = home(fleet, "tenant-" + i);
            if (before.get(i) != gone) {
                assertThat(now).isSameAs(before.get(i));
            }
        }
        for (var member : fleet.members()) {
            assertThat(before.stream().filter(member::equals).count()).isBetween(65L, 140L);
        }
    }

    @Test
    void leadsTenantsElsewhereWhileTheirHomeIsOut() {
        var fleet = fleet(Sticky.TENANT, 0.7, egresses(3));
        var home = home(fleet, "alice");
        fail(fleet, home, 3);
        var second = home(fleet, "alice");
        assertThat(second).isNotSameAs(home);
        assertThat(home(fleet, "alice")).isSameAs(second);
        pass(Duration.ofSeconds(12));
        assertThat(home(fleet, "alice")).as("the probe").isSameAs(home);
        fleet.answered(home);
        assertThat(home(fleet, "alice")).isSameAs(home);
    }

    @Test
    void dealsOutTunnelsOfNobodyWhereTenantsStay() {
        var fleet = fleet(Sticky.TENANT, 0.7, egresses(3));
        assertThat(chosen(fleet, 60)).hasSize(3);
    }
}
