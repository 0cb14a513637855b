package org.masquerelay.egress.entry;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.masquerelay.egress.opening.Openings;
import org.masquerelay.egress.opening.Turn;
import org.masquerelay.gate.Admission;
import org.masquerelay.gate.FakeGate;
import org.masquerelay.http.TunnelExchange;
import org.masquerelay.observe.LogId;
import org.masquerelay.observe.Passed;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.tenant.TenantReader;
import org.masquerelay.testkit.FakeTunnelStream;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.Peer;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.RequestHead;
import org.masquerelay.tunnel.Tenant;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelRequest;
import org.masquerelay.tunnel.TunnelStream;
import org.masquerelay.wire.HostPort;

/// Who enters while others are asked, and what is given back of who does not.
final class EntranceTest {
    private static final Optional<Tenant> ALICE = Optional.of(new Tenant("alice"));

    private final EventLoop loop = new EmbeddedChannel().eventLoop();
    private final Purse purse = new Purse();
    private final Others others = new Others();
    private final List<EnteredExchange> entered = new ArrayList<>();

    /// One tunnel at a time, so that a place given back too often or not at all is noticed.
    private Entrance entrance(Optional<Tenant> tenant) {
        return new Entrance(
                new EntryRules(
                        _ -> false,
                        new FakeGate(tenant, purse),
                        new TenantReader(List.of(), InstantSource.system()),
                        false,
                        new EntryLimits(1, 1, others)),
                TunnelListener.SILENT);
    }

    private Exchange enter(Entrance entrance) {
        var exchange = new Exchange(loop);
        entrance.enter(exchange, entered::add);
        return exchange;
    }

    /// One tunnel enters, and no second.
    private void assertOnePlaceIsFree(Entrance entrance) {
        int before = entered.size();
        enter(entrance);
        others.say(new Turn.Granted());
        assertThat(entered).hasSize(before + 1);
        var tooMany = enter(entrance);
        assertThat(tooMany.refusals).singleElement().extracting(Refusal::status).isEqualTo(503);
        assertThat(others.asked).isNull();
    }

    @Test
    void letsInWhoseTurnItIsAndKeepsThePlaceUntilTheEnd() {
        var entrance = entrance(ALICE);
        var exchange = enter(entrance);
        assertThat(entered).as("before the answer").isEmpty();
        assertThat(enter(entrance).refusals).as("the place is taken already").hasSize(1);

        others.say(new Turn.Granted());
        assertThat(entered).hasSize(1);
        assertThat(exchange.refusals).isEmpty();
        assertThat(purse.spent).isZero();
        assertThat(enter(entrance).refusals).hasSize(1);

        entered.getFirst().ended(new Passed(0, 0, 0, 0));
        assertOnePlaceIsFree(entrance);
    }

    @Test
    void refusesWhoOpensTooManyAndSaysWhenToComeBack() {
        var entrance = entrance(ALICE);
        var exchange = enter(entrance);

        others.say(new Turn.Later(17));

        var refusal = exchange.refusals.getFirst();
        assertThat(refusal.status()).isEqualTo(429);
        assertThat(refusal.fields().first("retry-after")).contains("17");
        assertThat(entered).isEmpty();
        assertThat(purse.spent).isZero();
        assertThat(purse.givenBack).isOne();
        assertOnePlaceIsFree(entrance);
    }

    @Test
    void refusesWhoNobodyKnowsAnythingOf() {
        var entrance = entrance(ALICE);
        var exchange = enter(entrance);

        others.say(new Turn.Unknown());

        var refusal = exchange.refusals.getFirst();
        assertThat(refusal.status()).isEqualTo(503);
        assertThat(refusal.fields().first("retry-after")).contains("1");
        assertThat(purse.spent).isZero();
        assertThat(purse.givenBack).isOne();
        assertOnePlaceIsFree(entrance);
    }

    static List<Turn> answers() {
        return List.of(new Turn.Granted(), new Turn.Later(1), new Turn.Unknown());
    }

    @ParameterizedTest
    @MethodSource("answers")
    void givesEverythingBackOnceOfWhoLeftBeforeTheAnswer(Turn turn) {
        var entrance = entrance(ALICE);
        var exchange = enter(entrance);
        exchange.left = true;

        others.say(turn);

        assertThat(exchange.abandoned).isOne();
        assertThat(exchange.refusals).isEmpty();
        assertThat(entered).isEmpty();
        assertThat(purse.spent).isZero();
        assertThat(purse.givenBack).isOne();
        assertOnePlaceIsFree(entrance);
    }

    @Test
    void givesEverythingBackWhereTheLoopHasEnded() {
        var entrance = entrance(ALICE);
        var exchange = enter(entrance);

        others.say(new Turn.Gone());

        assertThat(exchange.abandoned).isZero();
        assertThat(exchange.refusals).isEmpty();
        assertThat(purse.spent).isZero();
        assertThat(purse.givenBack).isOne();
        assertOnePlaceIsFree(entrance);
    }

    @Test
    void asksNobodyAboutATunnelThatIsNobodys() {
        enter(entrance(Optional.empty()));

        assertThat(others.asked).isNull();
        assertThat(entered).hasSize(1);
    }

    /// Answers when the test says so.
    private static final class Others implements Openings {
        private @Nullable Consumer<Turn> asked;

        @Override
        public void take(Tenant tenant, EventLoop loop, Consumer<Turn> then) {
            assertThat(ALICE).contains(tenant);
            assertThat(asked).isNull();
            asked = then;
        }

        void say(Turn turn) {
            var then = asked;
            assertThat(then).isNotNull();
            asked = null;
            if (then != null) {
                then.accept(turn);
            }
        }
    }

    /// Where the token of an admission comes from.
    private static final class Purse implements Admission.Credential {
        private int spent;
        private int givenBack;

        @Override
        public void spend() {
            spent++;
        }

        @Override
        public void giveBack() {
            givenBack++;
        }
    }

    /// A client that waits, or has left.
    private static final class Exchange implements TunnelExchange {
        private final EventLoop loop;
        private final List<Refusal> refusals = new ArrayList<>();
        private int abandoned;
        private boolean left;

        Exchange(EventLoop loop) {
            this.loop = loop;
        }

        @Override
        public TunnelRequest request() {
            var head =
                    new RequestHead(
                            "CONNECT", null, "target.example:443", null, null, HeaderFields.NONE);
            var peer =
                    new Peer(
                            new InetSocketAddress("192.0.2.1", 4711),
                            List.of(),
                            "h3",
                            HttpVersion.H3);
            return new TunnelRequest(
                    TunnelKind.TCP, new HostPort("target.example", 443), head, peer);
        }

        @Override
        public EventLoop eventLoop() {
            return loop;
        }

        @Override
        public LogId id() {
            return new LogId();
        }

        @Override
        public TunnelStream accept(HeaderFields fields) {
            return new FakeTunnelStream();
        }

        @Override
        public void refuse(Refusal refusal) {
            refusals.add(refusal);
        }

        @Override
        public void abandon() {
            abandoned++;
        }

        @Override
        public void whenAbandoned(Runnable action) {
            throw new AssertionError("the entrance looks when it has the answer");
        }

        @Override
        public boolean isAbandoned() {
            return left;
        }
    }
}
