package org.masquerelay.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.masquerelay.bind.PeerPolicy;
import org.masquerelay.egress.policy.OwnListeners;
import org.masquerelay.egress.policy.TargetPolicy;
import org.masquerelay.egress.policy.TargetPolicy.Ruling;
import org.masquerelay.egress.policy.TargetRules;
import org.masquerelay.egress.policy.TargetRules.ProhibitedStatus;
import org.masquerelay.egress.policy.TargetTable;
import org.masquerelay.egress.policy.TenantRules;
import org.masquerelay.egress.rule.PortRanges;
import org.masquerelay.egress.rule.RuleFormatException;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.Peer;
import org.masquerelay.tunnel.RequestHead;
import org.masquerelay.tunnel.Tenant;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelRequest;
import org.masquerelay.wire.HostPort;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// Rulings of the target policy, by the number of its rules: a third each of names, parents of
/// names and networks, all of one tenant, so that its table is as large as can be.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PolicyBenchmark {
    /// A power of two: targets of each kind that are asked about in turn, more than caches hold of
    /// the larger tables.
    private static final int TARGETS = 4096;

    private static final Optional<Tenant> TENANT = Optional.of(new Tenant("spiffe://gw/tenant/a"));

    @Param({"100", "10000", "100000"})
    private int rules;

    private byte[] file = {};
    private TargetPolicy policy = new TargetPolicy(targetRules(TenantRules.UNLIMITED), own());
    private PeerPolicy peers = peers(policy);
    private final List<TunnelRequest> named = new ArrayList<>();
    private final List<TunnelRequest> below = new ArrayList<>();
    private final List<TunnelRequest> unknown = new ArrayList<>();
    private final List<InetSocketAddress> inNetworks = new ArrayList<>();
    private final List<InetAddress> somewhere = List.of(InetAddress.ofLiteral("203.0.114.1"));
    private int next;

    @Setup(Level.Trial)
    public void write() throws RuleFormatException, UnknownHostException {
        var random = new Random(42);
        var text = new StringBuilder();
        for (int i = 0; i < rules / 3; i++) {
            var network = network(random);
            text.append("spiffe://gw/tenant/a udp host").append(i).append(".example 443 af11\n");
            text.append("spiffe://gw/tenant/a udp *.zone").append(i).append(".example * ef\n");
            text.append("spiffe://gw/tenant/a udp,bind ").append(network).append(" 53,853\n");
            if (inNetworks.size() < TARGETS) {
                var address = network.substring(0, network.indexOf('/'));
                inNetworks.add(new InetSocketAddress(InetAddress.ofLiteral(address), 53));
            }
        }
        file = text.toString().getBytes(UTF_8);
        for (int i = 0; i < TARGETS; i++) {
            int number = random.nextInt(rules / 3);
            named.add(request("host" + number + ".example", 443));
            below.add(request("a.b.zone" + number + ".example", 1234));
            unknown.add(request("host" + number + ".example.org", 443));
        }
        var snapshot = TenantRules.parse(file);
        policy = new TargetPolicy(targetRules(snapshot), own());
        peers = peers(policy);
    }

    /// From a /16 to a /32 in public space.
    private static String network(Random random) throws UnknownHostException {
        int length = 16 + random.nextInt(17);
        int bits = (0x0b00_0000 + random.nextInt(0x3000_0000)) & -1 << (32 - length);
        var bytes =
                new byte[] {
                    (byte) (bits >>> 24), (byte) (bits >>> 16), (byte) (bits >>> 8), (byte) bits
                };
        return InetAddress.getByAddress(bytes).getHostAddress() + "/" + length;
    }

    private static TargetRules targetRules(TenantRules tenants) {
        return new TargetRules(
                false,
                PortRanges.of(List.of(0, 19, 25, 123, 161, 162, 179, 1900, 3283, 5353, 11211)),
                TargetTable.NOTHING,
                TargetTable.EVERYTHING,
                () -> tenants,
                ProhibitedStatus.FORBIDDEN);
    }

    private static OwnListeners own() {
        var own = new OwnListeners();
        own.add(new InetSocketAddress("0.0.0.0", 4434));
        return own;
    }

    private static TunnelRequest request(String host, int port) {
        return request(TunnelKind.UDP, Optional.of(new HostPort(host, port)));
    }

    private static TunnelRequest request(TunnelKind kind, Optional<HostPort> target) {
        return new TunnelRequest(
                kind,
                target,
                new RequestHead("CONNECT", null, "target", null, null, HeaderFields.NONE),
                new Peer(new InetSocketAddress(0), List.of(), "h3", HttpVersion.H3));
    }

    private static PeerPolicy peers(TargetPolicy policy) {
        return switch (policy.ruleUnscoped(request(TunnelKind.BIND, Optional.empty()), TENANT)) {
            case Ruling.Permitted(var permit) -> permit.peers();
            case Ruling.Prohibited(var refusal) -> throw new IllegalStateException(refusal.tag());
        };
    }

    private int turn() {
        next = (next + 1) & (TARGETS - 1);
        return next;
    }

    @Benchmark
    public Ruling permitByName() {
        return policy.rule(named.get(turn()), TENANT, somewhere);
    }

    @Benchmark
    public Ruling permitByParent() {
        return policy.rule(below.get(turn()), TENANT, somewhere);
    }

    @Benchmark
    public Object refuseByName() {
        return policy.refusalUnresolved(unknown.get(turn()), TENANT);
    }

    /// What a datagram to or from a peer costs that the tunnel has not met lately.
    @Benchmark
    public boolean allowPeerByNetwork() {
        return peers.allows(inNetworks.get(turn() % inNetworks.size()));
    }

    /// What a reload costs the thread that watches files.
    @Benchmark
    @OutputTimeUnit(TimeUnit.MILLISECONDS)
    public TenantRules reload() throws RuleFormatException {
        return TenantRules.parse(file);
    }
}
