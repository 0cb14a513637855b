package org.masquerelay.ingress.fleet;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.masquerelay.tunnel.Tenant;

/// Picks an egress: of two at random the one with fewer tunnels for its weight. That comes close to
/// asking all, and loops that choose at the same time do not choose the same one.
record Choice(FleetState state, long now, RandomGenerator random) {
    /// RFC 2782: a weight of 0 has a very small chance.
    private static final double HARDLY_ANY = 0.01;

    // The constants of FNV-1a with 64 bits.
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    /// Those that rest come last, those of a higher priority number after all of the lower ones.
    Optional<Member> among(List<Member> candidates) {
        var up = candidates.stream().filter(member -> state.isUp(member, now)).toList();
        return pick(
                up.isEmpty()
                        ? candidates.stream().filter(member -> !state.of(member).isOut()).toList()
                        : up);
    }

    private Optional<Member> pick(List<Member> members) {
        // Each is read once: the directory may change it meanwhile.
        var ranks =
                members.stream()
                        .collect(
                                Collectors.groupingBy(
                                        member -> member.egress().priority(),
                                        TreeMap::new,
                                        Collectors.toList()));
        var first = ranks.values().stream().findFirst().orElse(List.of());
        if (first.size() < 2) {
            return first.stream().findFirst();
        }
        int one = draw(first, -1);
        int other = draw(first, one);
        return Optional.of(
                load(first.get(one)) <= load(first.get(other)) ? first.get(one) : first.get(other));
    }

    /// By weight, another one than `not`.
    private int draw(List<Member> members, int not) {
        double sum = 0;
        for (int i = 0; i < members.size(); i++) {
            sum += i == not ? 0 : weight(members.get(i));
        }
        double left = random.nextDouble() * sum;
        int last = not == 0 ? 1 : 0;
        for (int i = 0; i < members.size(); i++) {
            if (i != not) {
                last = i;
                left -= weight(members.get(i));
                if (left < 0) {
                    break;
                }
            }
        }
        return last;
    }

    private static double weight(Member member) {
        int weight = member.egress().weight();
        return weight == 0 ? HARDLY_ANY : weight;
    }

    private static double load(Member member) {
        return (member.tunnels() + 1) / weight(member);
    }

    /// Rendezvous hashing: each tenant has its own order of the egresses, which does not change for
    /// those that stay when others come and go. A weight of twice as much is the home of twice as
    /// many.
    static List<Member> ranked(Tenant tenant, List<Member> members) {
        return members.stream()
                .map(member ->
                        new Ranked(member, member.egress().priority(), score(tenant, member)))
                .sorted(
                        Comparator.comparingInt(Ranked::priority)
                                .thenComparing(Ranked::score, Comparator.reverseOrder()))
                .map(Ranked::member)
                .toList();
    }

    private record Ranked(Member member, int priority, double score) {}

    private static double score(Tenant tenant, Member member) {
        long hash = mixed(fnv(fnv(FNV_OFFSET, tenant.id() + "\0"), member.name()));
        double unit = ((hash >>> 11) + 0.5) * 0x1p-53;
        return -weight(member) / Math.log(unit);
    }

    private static long fnv(long start, String text) {
        long hash = start;
        for (byte each : text.getBytes(UTF_8)) {
            hash = (hash ^ (each & 0xff)) * FNV_PRIME;
        }
        return hash;
    }

    /// The finalizer of MurmurHash3: the last bytes reach every bit.
    private static long mixed(long hash) {
        long x = hash;
        x = (x ^ (x >>> 33)) * 0xff51afd7ed558ccdL;
        x = (x ^ (x >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return x ^ (x >>> 33);
    }
}
