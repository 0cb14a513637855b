package org.masquerelay.egress.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.Ticker;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.bind.PeerPolicy;
import org.masquerelay.egress.policy.TargetPolicy.Ruling;
import org.masquerelay.egress.policy.TargetRules.ProhibitedStatus;
import org.masquerelay.egress.rule.PortRanges;
import org.masquerelay.egress.rule.TargetRule;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.Peer;
import org.masquerelay.tunnel.RequestHead;
import org.masquerelay.tunnel.Tenant;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelRequest;
import org.masquerelay.wire.HostPort;

@Timeout(30)
final class TargetPolicyTest {
    private static final TunnelRequest REQUEST =
            new TunnelRequest(
                    TunnelKind.TCP,
                    new HostPort("name.test", 443),
                    new RequestHead(
                            "CONNECT", null, "name.test:443", null, null, HeaderFields.NONE),
                    new Peer(new InetSocketAddress(0), List.of(), "h3", HttpVersion.H3));

    private static final TunnelRequest UNSCOPED =
            new TunnelRequest(TunnelKind.BIND, Optional.empty(), REQUEST.head(), REQUEST.peer());

    private static final Optional<Tenant> NOBODY = Optional.empty();

    private static List<InetAddress> addresses(String... literals) throws Exception {
        var addresses = new ArrayList<InetAddress>();
        for (var literal : literals) {
            addresses.add(InetAddress.getByName(literal));
        }
        return addresses;
    }

    private static TargetPolicy policy(boolean allowPrivate, Integer... deniedPorts) {
        return policy(new OwnListeners(), allowPrivate, deniedPorts);
    }

    private static TargetPolicy policy(
            OwnListeners own, boolean allowPrivate, Integer... deniedPorts) {
        return new TargetPolicy(new TargetRules(allowPrivate, Set.of(deniedPorts)), own);
    }

    private static PeerPolicy peers(TargetPolicy policy) {
        return switch (policy.ruleUnscoped(UNSCOPED, NOBODY)) {
            case Ruling.Permitted(var permit) -> permit.peers();
            case Ruling.Prohibited(var refusal) -> throw new AssertionError(refusal.tag());
        };
    }

    private static List<String> permitted(boolean allowPrivate, String... literals)
            throws Exception {
        return switch (policy(allowPrivate).rule(REQUEST, NOBODY, addresses(literals))) {
            case Ruling.Permitted(var permit) ->
                    permit.addresses().stream()
                            .map(address -> {
                                assertThat(address.getPort()).isEqualTo(443);
                                return address.getAddress().getHostAddress();
                            })
                            .toList();
            case Ruling.Prohibited(var refusal) -> {
                assertThat(refusal.status()).isEqualTo(403);
                assertThat(refusal.proxyStatus("egress"))
                        .contains("error=destination_ip_prohibited");
                yield List.of();
            }
        };
    }

    @Test
    void permitsOnlyThePublicOnesOfMixedAddresses() throws Exception {
        assertThat(permitted(false, "10.0.0.1", "9.9.9.9", "::1", "2620:fe::fe", "127.0.0.1"))
                .containsExactly("9.9.9.9", "2620:fe:0:0:0:0:0:fe");
    }

    @Test
    void prohibitsATargetWithPrivateAddressesOnly() throws Exception {
        assertThat(permitted(false, "10.0.0.1", "fd00::1")).isEmpty();
    }

    @Test
    void permitsPrivateAddressesWhereTheOperatorAllowsThem() throws Exception {
        assertThat(permitted(true, "10.0.0.1", "9.9.9.9")).containsExactly("10.0.0.1", "9.9.9.9");
    }

    @Test
    void prohibitsATargetWithoutAddresses() throws Exception {
        assertThat(permitted(true)).isEmpty();
    }

    @Test
    @DisplayName("R4 9110 §9.3.6 a denied port is 403 http_request_denied, private or not")
    void prohibitsADeniedPortWhateverTheAddress() throws Exception {
        var policy = policy(true, 25, 443);
        for (var address : List.of("9.9.9.9", "10.0.0.1", "2620:fe::fe")) {
            var ruling = policy.rule(REQUEST, NOBODY, addresses(address));
            assertThat(ruling)
                    .isInstanceOfSatisfying(
                            Ruling.Prohibited.class,
                            prohibited -> {
                                assertThat(prohibited.refusal().status()).isEqualTo(403);
                                assertThat(prohibited.refusal().proxyStatus("egress"))
                                        .contains("error=http_request_denied");
                            });
        }
        assertThat(policy.refusalUnresolved(REQUEST, NOBODY)).isPresent();
        assertThat(policy(true, 25).refusalUnresolved(REQUEST, NOBODY)).isEmpty();
    }

    @Test
    @DisplayName("R10 a peer of a bind tunnel is ruled by its address and its port")
    void rulesOnPeersOfBindTunnelsAlike() throws Exception {
        var address = addresses("9.9.9.9", "10.0.0.1");
        var peer = new InetSocketAddress(address.getFirst(), 443);
        var privatePeer = new InetSocketAddress(address.getLast(), 443);

        assertThat(peers(policy(false, 25)).allows(peer)).isTrue();
        assertThat(peers(policy(false, 25)).allows(privatePeer)).isFalse();
        assertThat(peers(policy(true, 25)).allows(privatePeer)).isTrue();
        assertThat(peers(policy(true, 443)).allows(peer)).isFalse();
        assertThat(peers(policy(true, 443)).allows(privatePeer)).isFalse();
    }

    @Test
    @DisplayName("R2 7: tunnels and peers that lead to this relay itself are refused")
    void refusesItsOwnListeners() throws Exception {
        var own = new OwnListeners();
        own.add(new InetSocketAddress("9.9.9.9", 443));
        own.add(new InetSocketAddress("0.0.0.0", 4434));
        var policy = policy(own, true);
        assertThat(policy.rule(REQUEST, NOBODY, addresses("9.9.9.9")))
                .isInstanceOfSatisfying(
                        Ruling.Prohibited.class,
                        prohibited ->
                                assertThat(prohibited.refusal().proxyStatus("egress"))
                                        .contains("error=proxy_loop_detected"));
        assertThat(policy.rule(REQUEST, NOBODY, addresses("9.9.9.9", "9.9.9.10")))
                .isInstanceOfSatisfying(
                        Ruling.Permitted.class,
                        permitted ->
                                assertThat(permitted.permit().addresses())
                                        .containsExactly(new InetSocketAddress("9.9.9.10", 443)));
        for (var here : List.of("127.0.0.1", "127.1.2.3", "::1", "0.0.0.0")) {
            assertThat(peers(policy).allows(new InetSocketAddress(here, 4434))).as(here).isFalse();
            assertThat(peers(policy).allows(new InetSocketAddress(here, 4433))).as(here).isTrue();
        }
        assertThat(peers(policy).allows(new InetSocketAddress("9.9.9.9", 4434))).isTrue();
    }

    private static OwnListeners machine(String... literals) throws Exception {
        var addresses = Set.copyOf(addresses(literals));
        return new OwnListeners(
                new MachineAddresses(() -> addresses, Ticker.newMockTicker(), Runnable::run));
    }

    @Test
    void keepsTheAddressesOfThisMachineToItself() throws Exception {
        var own = machine("9.9.9.9", "2620:fe::fe");
        var all = addresses("9.9.9.9", "2620:fe::fe", "9.9.9.10");
        assertThat(policy(own, false).rule(REQUEST, NOBODY, all))
                .isInstanceOfSatisfying(
                        Ruling.Permitted.class,
                        permitted ->
                                assertThat(permitted.permit().addresses())
                                        .containsExactly(new InetSocketAddress("9.9.9.10", 443)));
        var peer = new InetSocketAddress("9.9.9.9", 443);
        assertThat(peers(policy(own, false)).allows(peer)).isFalse();
        assertThat(peers(policy(own, true)).allows(peer)).as("allow-private").isTrue();
        assertThat(peers(allowing(own, "9.9.9.9")).allows(peer)).as("a rule for it").isTrue();
        assertThat(peers(allowing(own, "9.9.9.0/24")).allows(peer)).as("around it").isFalse();
    }

    private static TargetPolicy allowing(OwnListeners own, String rule) throws Exception {
        return new TargetPolicy(
                new TargetRules(
                        false,
                        PortRanges.NONE,
                        TargetTable.NOTHING,
                        TargetTable.of(List.of(TargetRule.parse(rule))),
                        () -> TenantRules.UNLIMITED,
                        ProhibitedStatus.FORBIDDEN),
                own);
    }

    @Test
    void hearsOfNewAddressesOfThisMachineWithoutWaiting() throws Exception {
        var address = addresses("9.9.9.9").getFirst();
        var there = new HashSet<InetAddress>();
        var ticker = Ticker.newMockTicker();
        var reads = new ArrayDeque<Runnable>();
        var machine = new MachineAddresses(() -> Set.copyOf(there), ticker, reads::add);
        there.add(address);
        assertThat(machine.contains(address)).isFalse();
        ticker.advance(10, TimeUnit.SECONDS);
        assertThat(machine.contains(address)).isFalse();
        assertThat(machine.contains(address)).isFalse();
        assertThat(reads).hasSize(1);
        reads.remove().run();
        assertThat(machine.contains(address)).isTrue();
        assertThat(reads).isEmpty();
    }
}
