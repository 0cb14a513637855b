package org.masquerelay.egress.policy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.bind.PeerPolicy;
import org.masquerelay.egress.policy.TargetPolicy.Ruling;
import org.masquerelay.egress.policy.TargetRules.ProhibitedStatus;
import org.masquerelay.egress.rule.Dscp;
import org.masquerelay.egress.rule.PortRanges;
import org.masquerelay.egress.rule.TargetRule;
import org.masquerelay.tenant.OpaqueTenants;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.Peer;
import org.masquerelay.tunnel.RequestHead;
import org.masquerelay.tunnel.Tenant;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelRequest;
import org.masquerelay.wire.HostPort;
import org.slf4j.LoggerFactory;

/// Rules for all and rules of tenants, and how they go together.
final class TenantPolicyTest {
    private static final String DENIED = "403 http_request_denied";
    private static final String PROHIBITED = "403 destination_ip_prohibited";

    private final OwnListeners own = new OwnListeners();
    private boolean allowPrivate;
    private List<String> denied = List.of();
    private List<String> allowed = List.of();
    private TenantRules tenants = TenantRules.UNLIMITED;
    private ProhibitedStatus prohibited = ProhibitedStatus.FORBIDDEN;

    private void file(String... lines) throws Exception {
        tenants = TenantRules.parse(String.join("\n", lines).getBytes(UTF_8));
    }

    private TargetPolicy policy() throws Exception {
        return new TargetPolicy(
                new TargetRules(
                        allowPrivate,
                        PortRanges.of(Set.of(25)),
                        TargetTable.denying(rules(denied)),
                        allowed.isEmpty() ? TargetTable.EVERYTHING : TargetTable.of(rules(allowed)),
                        () -> tenants,
                        prohibited),
                own);
    }

    private static List<TargetRule> rules(List<String> texts) throws Exception {
        var rules = new ArrayList<TargetRule>();
        for (var text : texts) {
            rules.add(TargetRule.parse(text));
        }
        return rules;
    }

    private static TunnelRequest request(TunnelKind kind, Optional<HostPort> target) {
        return new TunnelRequest(
                kind,
                target,
                new RequestHead("CONNECT", null, "target", null, null, HeaderFields.NONE),
                new Peer(new InetSocketAddress(0), List.of(), "h3", HttpVersion.H3));
    }

    /// What becomes of a tunnel: the addresses it may go to with its DSCP, or status and error.
    private String udp(String tenant, String target, String... addresses) throws Exception {
        return rule(TunnelKind.UDP, tenant, target, addresses);
    }

    private String rule(TunnelKind kind, String tenant, String target, String... addresses)
            throws Exception {
        var at = HostPort.parse(target);
        var resolved =
                at.literal()
                        .map(List::of)
                        .orElseGet(() ->
                                Arrays.stream(addresses).map(InetAddress::ofLiteral).toList());
        return described(policy().rule(request(kind, Optional.of(at)), tenant(tenant), resolved));
    }

    @Test
    void warnsOnceOfOpaqueTenantsThatNoRuleCanBeFor() throws Exception {
        var logger = (Logger) LoggerFactory.getLogger(TargetPolicy.class);
        var log = new ListAppender<ILoggingEvent>();
        log.start();
        logger.addAppender(log);
        try {
            var opaque = new OpaqueTenants(new byte[32], InstantSource.system());
            var names = List.of(opaque.apply(new Tenant("a")), opaque.apply(new Tenant("b")));
            var policy = policy();
            ask(policy, names.getFirst());
            assertThat(log.list).as("without a policy file").isEmpty();

            file("a udp 8.8.8.8 53");
            ask(policy, new Tenant("c"));
            assertThat(log.list).as("a name like any other").isEmpty();
            names.forEach(name -> ask(policy, name));

            assertThat(log.list).hasSize(1);
            assertThat(log.list.getFirst().getFormattedMessage())
                    .contains("set relay.upstream.tenant to id at the ingress")
                    .doesNotContain(names.getFirst().id());
        } finally {
            logger.detachAppender(log);
        }
    }

    private static void ask(TargetPolicy policy, Tenant tenant) {
        var target = Optional.of(new HostPort("8.8.8.8", 53));
        policy.rule(
                request(TunnelKind.UDP, target),
                Optional.of(tenant),
                List.of(InetAddress.ofLiteral("8.8.8.8")));
    }

    private static Optional<Tenant> tenant(String id) {
        return id.isEmpty() ? Optional.empty() : Optional.of(new Tenant(id));
    }

    private static String described(Ruling ruling) {
        return switch (ruling) {
            case Ruling.Permitted(var permit) ->
                    permit.addresses().stream().map(HostPort::of).toList()
                            + permit.dscp().map(Dscp::value).map(value -> " " + value).orElse("");
            case Ruling.Prohibited(var refusal) ->
                    refusal.status()
                            + " "
                            + refusal.proxyStatus("egress").replaceAll(".*error=([a-z_]+).*", "$1");
        };
    }

    @Test
    @DisplayName("hardening guide, step 3 and its verification snippet: who reaches what")
    void keepsToTheTableOfTheHardeningGuide() throws Exception {
        file(
                "spiffe://gw/tenant/finance udp 8.8.8.8 53,853 af11",
                "spiffe://gw/tenant/finance udp 1.1.1.1 53,853 af11",
                "spiffe://gw/tenant/sre-tooling udp monitoring.corp 8472,4789 cs0",
                "spiffe://gw/tenant/dev udp 10.50.0.0/16 * cs0");
        var finance = "spiffe://gw/tenant/finance";
        var sre = "spiffe://gw/tenant/sre-tooling";
        var dev = "spiffe://gw/tenant/dev";
        assertThat(udp(finance, "8.8.8.8:53")).isEqualTo("[8.8.8.8:53] 10");
        assertThat(udp(finance, "1.1.1.1:853")).isEqualTo("[1.1.1.1:853] 10");
        assertThat(udp(finance, "10.0.0.1:22")).isEqualTo(DENIED);
        assertThat(udp(finance, "8.8.4.4:53")).isEqualTo(PROHIBITED);
        assertThat(udp(finance, "dns.google:53", "8.8.4.4", "8.8.8.8"))
                .isEqualTo("[8.8.8.8:53] 10");
        assertThat(rule(TunnelKind.TCP, finance, "8.8.8.8:53")).isEqualTo(DENIED);
        assertThat(udp(sre, "monitoring.corp:4789", "203.0.114.7"))
                .isEqualTo("[203.0.114.7:4789] 0");
        assertThat(udp(sre, "MONITORING.corp.:4789", "203.0.114.7"))
                .isEqualTo("[203.0.114.7:4789] 0");
        assertThat(udp(sre, "monitoring.corp:4790", "203.0.114.7")).isEqualTo(DENIED);
        assertThat(udp(sre, "a.monitoring.corp:4789", "203.0.114.7")).isEqualTo(DENIED);
        assertThat(udp(sre, "203.0.114.7:4789")).isEqualTo(DENIED);
        assertThat(udp(sre, "8.8.8.8:53")).isEqualTo(DENIED);
        assertThat(udp(dev, "10.50.255.1:1")).isEqualTo("[10.50.255.1:1] 0");
        assertThat(udp(dev, "10.51.0.1:1")).isEqualTo(PROHIBITED);
        assertThat(udp(dev, "8.8.8.8:53")).isEqualTo(PROHIBITED);
        assertThat(udp("somebody", "8.8.8.8:53")).isEqualTo(DENIED);
        assertThat(udp("", "8.8.8.8:53")).isEqualTo(DENIED);
    }

    @Test
    void checksTheAddressesOfNamesThatAreAllowed() throws Exception {
        file("a udp in.corp *", "a udp 10.50.0.0/16 443", "b udp in.corp *");
        assertThat(udp("b", "in.corp:443", "10.50.0.1", "9.9.9.9")).isEqualTo("[9.9.9.9:443]");
        assertThat(udp("b", "in.corp:443", "10.50.0.1")).isEqualTo(PROHIBITED);
        assertThat(udp("a", "in.corp:443", "10.50.0.1", "10.51.0.1")).isEqualTo("[10.50.0.1:443]");
        assertThat(udp("a", "in.corp:444", "10.50.0.1")).isEqualTo(PROHIBITED);
        denied = List.of("9.9.9.0/24");
        assertThat(udp("b", "in.corp:443", "9.9.9.9")).isEqualTo(PROHIBITED);
        allowPrivate = true;
        assertThat(udp("b", "in.corp:443", "10.50.0.1")).isEqualTo("[10.50.0.1:443]");
    }

    @Test
    void opensPrivateNetworksOnlyByRulesForThem() throws Exception {
        allowed = List.of("* 0.0.0.0/0 *", "tcp 10.50.0.0/16 *");
        assertThat(rule(TunnelKind.TCP, "", "10.50.0.1:80")).isEqualTo("[10.50.0.1:80]");
        assertThat(udp("", "10.50.0.1:80")).isEqualTo(PROHIBITED);
        assertThat(udp("", "9.9.9.9:80")).isEqualTo("[9.9.9.9:80]");
        assertThat(udp("", "[2620:fe::fe]:80")).isEqualTo(PROHIBITED);
        allowed = List.of("*");
        assertThat(rule(TunnelKind.TCP, "", "10.50.0.1:80")).isEqualTo(PROHIBITED);
    }

    @Test
    @DisplayName("case 80, case 81: ports beside those allowed, and ports denied to all")
    void allowsNothingElseOnceSomethingIsAllowed() throws Exception {
        assertThat(udp("", "9.9.9.9:79")).isEqualTo("[9.9.9.9:79]");
        allowed = List.of("udp * 80-90", "tcp *.example.com 443");
        assertThat(udp("", "9.9.9.9:79")).isEqualTo(DENIED);
        assertThat(udp("", "9.9.9.9:80")).isEqualTo("[9.9.9.9:80]");
        assertThat(rule(TunnelKind.TCP, "", "www.example.com:443", "9.9.9.9"))
                .isEqualTo("[9.9.9.9:443]");
        assertThat(rule(TunnelKind.TCP, "", "example.org:443", "9.9.9.9")).isEqualTo(DENIED);

        allowed = List.of();
        denied = List.of("* * 1-1023");
        for (int port : new int[] {1, 80, 1023}) {
            assertThat(udp("", "9.9.9.9:" + port)).as("%d", port).isEqualTo(DENIED);
        }
        for (int port : new int[] {1024, 8080}) {
            assertThat(udp("", "9.9.9.9:" + port)).isEqualTo("[9.9.9.9:" + port + "]");
        }
    }

    @Test
    void hasDenyWinOverAllowAndBothOverTenants() throws Exception {
        file("a * * *");
        allowed = List.of("* *.example.com *", "* 10.0.0.0/8 *");
        denied = List.of("* bad.example.com *", "* *.bad.example.com *", "* 10.1.0.0/16 *");
        assertThat(udp("a", "good.example.com:443", "9.9.9.9")).isEqualTo("[9.9.9.9:443]");
        assertThat(udp("a", "bad.example.com:443", "9.9.9.9")).isEqualTo(DENIED);
        assertThat(udp("a", "BAD.example.com.:443", "9.9.9.9")).isEqualTo(DENIED);
        assertThat(udp("a", "very.bad.example.com:443", "9.9.9.9")).isEqualTo(DENIED);
        assertThat(udp("a", "good.example.com:443", "10.1.0.1", "10.2.0.1"))
                .isEqualTo("[10.2.0.1:443]");
        assertThat(udp("a", "9.9.9.9:443")).isEqualTo(PROHIBITED);
        assertThat(udp("a", "9.9.9.9:25")).isEqualTo(DENIED);
        assertThat(udp("b", "good.example.com:443", "9.9.9.9")).isEqualTo(DENIED);
    }

    @Test
    void refusesBeforeItLooksUpNamesThatCannotPass() throws Exception {
        file("a udp 8.8.8.8 53", "a tcp *.example.com 443");
        assertThat(isRefusedUnresolved(TunnelKind.TCP, "a", "www.example.com:443")).isFalse();
        assertThat(isRefusedUnresolved(TunnelKind.TCP, "a", "www.example.org:443")).isTrue();
        assertThat(isRefusedUnresolved(TunnelKind.UDP, "a", "dns.google:53")).isFalse();
        assertThat(isRefusedUnresolved(TunnelKind.UDP, "a", "dns.google:54")).isTrue();
        assertThat(isRefusedUnresolved(TunnelKind.UDP, "b", "dns.google:53")).isTrue();
        assertThat(isRefusedUnresolved(TunnelKind.UDP, "", "dns.google:53")).isTrue();
    }

    private boolean isRefusedUnresolved(TunnelKind kind, String tenant, String target)
            throws Exception {
        var request = request(kind, Optional.of(HostPort.parse(target)));
        return policy().refusalUnresolved(request, tenant(tenant)).isPresent();
    }

    @Test
    @DisplayName("R0 X7: 502 destination_ip_prohibited where codes are strict, and there alone")
    void answersWithTheRecommendedStatusWhereWanted() throws Exception {
        prohibited = ProhibitedStatus.BAD_GATEWAY;
        assertThat(udp("", "10.0.0.1:443")).isEqualTo("502 destination_ip_prohibited");
        assertThat(udp("", "9.9.9.9:25")).isEqualTo(DENIED);
    }

    @Test
    @DisplayName("R2 7: no rule leads to this relay itself")
    void refusesItsOwnListenersWhateverIsAllowed() throws Exception {
        own.add(new InetSocketAddress("10.50.0.1", 4434));
        allowed = List.of("10.50.0.0/16");
        assertThat(udp("", "10.50.0.1:4434")).isEqualTo("508 proxy_loop_detected");
        assertThat(udp("", "10.50.0.1:4435")).isEqualTo("[10.50.0.1:4435]");
    }

    @Test
    @DisplayName(
            "R10: peers of a bind tunnel are ruled by its tenant, by the next datagram at latest")
    void rulesOnPeersByTenantAndFollowsTheFile() throws Exception {
        file(
                "a bind 9.9.9.0/24 443",
                "b udp * *",
                "c bind * 5000-6000 ef",
                "d bind peer.example *");
        var policy = policy();
        assertThat(described(unscoped(policy, "b"))).isEqualTo(DENIED);
        assertThat(described(unscoped(policy, "d"))).isEqualTo(DENIED);
        assertThat(described(unscoped(policy, "e"))).isEqualTo(DENIED);
        assertThat(described(unscoped(policy, ""))).isEqualTo(DENIED);
        assertThat(described(unscoped(policy, "c"))).isEqualTo("[] 46");

        var peers = peers(policy, "a");
        assertThat(allows(peers, "9.9.9.9", 443)).isTrue();
        assertThat(allows(peers, "9.9.9.9", 444)).isFalse();
        assertThat(allows(peers, "9.9.8.9", 443)).isFalse();
        assertThat(allows(peers(policy, "c"), "8.8.8.8", 5000)).isTrue();
        assertThat(allows(peers(policy, "c"), "10.0.0.1", 5000)).isFalse();

        var edition = peers.edition();
        assertThat(peers.edition()).isSameAs(edition);
        file("a bind 9.9.8.0/24 *");
        assertThat(peers.edition()).isNotSameAs(edition);
        assertThat(allows(peers, "9.9.9.9", 443)).isFalse();
        assertThat(allows(peers, "9.9.8.9", 443)).isTrue();
        file("b bind * *");
        assertThat(allows(peers, "9.9.8.9", 443)).isFalse();
    }

    @Test
    void deniesBindTunnelsThatCouldReachNothing() throws Exception {
        for (var rule : List.of("bind * *", "udp * *", "*")) {
            denied = List.of(rule);
            assertThat(described(unscoped(policy(), ""))).as(rule).isEqualTo(DENIED);
        }
        denied = List.of("bind * 0-999", "udp * 1000-65535");
        assertThat(described(unscoped(policy(), ""))).isEqualTo(DENIED);
        denied = List.of("bind * 0-999", "tcp * *");
        assertThat(described(unscoped(policy(), ""))).isEqualTo("[]");
    }

    @Test
    void deniesPeersOfBindTunnelsWhatItDeniesOfUdp() throws Exception {
        denied = List.of("udp 9.9.9.0/24 443", "tcp 9.9.8.0/24 *");
        var peers = peers(policy(), "");
        assertThat(allows(peers, "9.9.9.9", 443)).isFalse();
        assertThat(allows(peers, "9.9.9.9", 444)).isTrue();
        assertThat(allows(peers, "9.9.8.9", 443)).isTrue();
        denied = List.of();
        allowed = List.of("udp 9.9.9.0/24 443", "bind 9.9.8.0/24 443");
        assertThat(allows(peers(policy(), ""), "9.9.9.9", 443)).as("to allow is not").isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[64:ff9b::%s]",
                "[64:ff9b:1::%s]",
                "[64:ff9b:1:2:3:4:%s]",
                "[::%s]",
                "[2002:%2$s::1]"
            })
    void looksAtTheAddressInsideAnAddress(String form) throws Exception {
        allowPrivate = true;
        denied = List.of("10.0.0.0/8");
        own.add(new InetSocketAddress("10.0.0.1", 4434));
        var inside = form.formatted("10.0.0.1", "a00:1");
        var other = form.formatted("11.0.0.1", "b00:1");
        assertThat(udp("", inside + ":443")).isEqualTo(PROHIBITED);
        assertThat(udp("", other + ":443")).doesNotContain("403");
        assertThat(udp("", inside + ":4434")).isEqualTo("508 proxy_loop_detected");

        allowPrivate = false;
        denied = List.of();
        allowed = List.of("* * *", "* 64:ff9b::/32 *", "* ::/96 *", "* 2002::/16 *");
        assertThat(udp("", other + ":443")).doesNotContain("403");
        assertThat(udp("", inside + ":443")).as("not public").isEqualTo(PROHIBITED);
        allowed = List.of("* 10.0.0.0/8 *", "* 64:ff9b::/32 *", "* ::/96 *", "* 2002::/16 *");
        assertThat(udp("", inside + ":443")).as("opened").doesNotContain("403");
    }

    @Test
    void findsNoAddressInsideThoseOfThisMachine() throws Exception {
        allowPrivate = true;
        denied = List.of("0.0.0.0/8");
        assertThat(udp("", "[::1]:443")).doesNotContain("403");
        assertThat(udp("", "[fd00::10.0.0.1]:443")).doesNotContain("403");
    }

    @Test
    void marksPacketsByTheRuleForTheAddressTheyGoTo() throws Exception {
        file("a tcp 9.9.9.0/24 443 ef", "a tcp 9.9.8.0/24 443 cs1", "a tcp name.test 443");
        var target = request(TunnelKind.TCP, Optional.of(new HostPort("other.test", 443)));
        var resolved = List.of(InetAddress.ofLiteral("9.9.9.9"), InetAddress.ofLiteral("9.9.8.9"));
        assertThat(policy().rule(target, tenant("a"), resolved))
                .isInstanceOfSatisfying(
                        Ruling.Permitted.class,
                        permitted -> {
                            var permit = permitted.permit();
                            var marks =
                                    permit.addresses().stream()
                                            .map(address -> permit.dscp(address).orElseThrow())
                                            .map(Dscp::value);
                            assertThat(marks).containsExactly(46, 8);
                        });
    }

    private static Ruling unscoped(TargetPolicy policy, String tenant) {
        return policy.ruleUnscoped(request(TunnelKind.BIND, Optional.empty()), tenant(tenant));
    }

    private static PeerPolicy peers(TargetPolicy policy, String tenant) {
        return switch (unscoped(policy, tenant)) {
            case Ruling.Permitted(var permit) -> permit.peers();
            case Ruling.Prohibited(var refusal) -> throw new AssertionError(refusal.tag());
        };
    }

    private static boolean allows(PeerPolicy peers, String address, int port) {
        return peers.allows(new InetSocketAddress(InetAddress.ofLiteral(address), port));
    }

    @Test
    void saysWhoseATunnelIs() throws Exception {
        file("a udp * *");
        var target = request(TunnelKind.UDP, Optional.of(new HostPort("9.9.9.9", 53)));
        var ruling = policy().rule(target, tenant("a"), List.of(InetAddress.ofLiteral("9.9.9.9")));
        assertThat(ruling)
                .isInstanceOfSatisfying(
                        Ruling.Permitted.class,
                        permitted -> {
                            assertThat(permitted.permit().tenant()).contains(new Tenant("a"));
                            assertThat(permitted.permit().dscp()).isEmpty();
                        });
    }
}
