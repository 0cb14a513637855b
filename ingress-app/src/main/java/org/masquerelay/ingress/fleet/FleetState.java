package org.masquerelay.ingress.fleet;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.masquerelay.ingress.directory.Egress;
import org.masquerelay.wire.HostPort;

/// What is known of a fleet at one moment.
///
/// @param members those of the directory, in its order
/// @param departed those that have left it and still have tunnels
/// @param conditions of members, where there is something to say
record FleetState(List<Member> members, List<Member> departed, Map<Member, Condition> conditions) {
    static final FleetState EMPTY = new FleetState(List.of(), List.of(), Map.of());

    private static final Condition.Up WELL = Condition.Up.well(0, 0);

    FleetState {
        members = List.copyOf(members);
        departed = List.copyOf(departed);
        conditions = Map.copyOf(conditions);
    }

    Condition of(Member member) {
        return conditions.getOrDefault(member, WELL);
    }

    boolean contains(Member member) {
        return members.contains(member);
    }

    boolean isUp(Member member, long now) {
        return switch (of(member)) {
            case Condition.Up _ -> true;
            case Condition.Resting(_, long until, _) -> until - now <= 0;
            case Condition.Ejected _, Condition.Probing _ -> false;
        };
    }

    boolean isEjected(Member member) {
        return of(member) instanceof Condition.Ejected;
    }

    /// Of a member alone: one that has left the directory has no condition.
    FleetState with(Member member, Condition condition) {
        if (!contains(member)) {
            return this;
        }
        var changed = new HashMap<>(conditions);
        changed.put(member, condition);
        return new FleetState(members, departed, changed);
    }

    /// Which egress it is, whatever its rank.
    private record Identity(String name, HostPort authority, Optional<InetSocketAddress> address) {
        static Identity of(Egress egress) {
            return new Identity(egress.name(), egress.authority(), egress.address());
        }
    }

    /// With the egresses that the directory has now; of two with one name the first.
    FleetState withEgresses(List<Egress> egresses, FleetSettings.Ejection ejection) {
        var known = new HashMap<Identity, Member>();
        departed.forEach(member -> known.put(Identity.of(member.egress()), member));
        members.forEach(member -> known.put(Identity.of(member.egress()), member));
        var now = new LinkedHashMap<String, Member>();
        for (var egress : egresses) {
            if (!now.containsKey(egress.name())) {
                var member = known.remove(Identity.of(egress));
                if (member == null) {
                    member = new Member(egress);
                }
                member.rank(egress);
                now.put(egress.name(), member);
            }
        }
        var left = known.values().stream().filter(member -> member.tunnels() > 0).toList();
        var kept = new HashMap<>(conditions);
        kept.keySet().retainAll(now.values());
        return new FleetState(new ArrayList<>(now.values()), left, kept).withinShare(ejection);
    }

    /// A fleet that has become smaller may have too many out; those that would be back first are.
    private FleetState withinShare(FleetSettings.Ejection ejection) {
        var out =
                members.stream()
                        .filter(member -> of(member).isOut())
                        // A probe is out first.
                        .sorted(
                                Comparator.comparing(this::isEjected)
                                        .thenComparingLong(this::until))
                        .toList();
        int tooMany = Math.max(0, out.size() - ejection.most(members.size()));
        var changed = new HashMap<>(conditions);
        out.subList(0, tooMany).forEach(changed::remove);
        return new FleetState(members, departed, changed);
    }

    private long until(Member member) {
        return of(member) instanceof Condition.Ejected(_, _, long until) ? until : 0;
    }

    /// After one more failure, which may have it ejected.
    ///
    /// @param jitter what the time is multiplied by
    FleetState failed(
            Member member,
            FailureCause cause,
            long now,
            double jitter,
            FleetSettings.Ejection ejection) {
        return switch (of(member)) {
            case Condition.Up up -> failed(member, up, cause, now, jitter, ejection);
            case Condition.Resting(_, _, var up) ->
                    failed(member, up, cause, now, jitter, ejection);
            case Condition.Probing(_, int times, _) ->
                    ejected(member, cause, times + 1, now, jitter, ejection);
            // What was under way when it was ejected says nothing new.
            case Condition.Ejected _ -> this;
        };
    }

    private FleetState failed(
            Member member,
            Condition.Up up,
            FailureCause cause,
            long now,
            double jitter,
            FleetSettings.Ejection ejection) {
        if (up.knows(cause, now)) {
            return this;
        }
        int failures = Math.min(up.failures() + 1, ejection.failures());
        boolean forgotten = now - up.since() > ejection.max().toNanos();
        int ejections = forgotten ? 0 : up.ejections();
        long out = members.stream().filter(other -> of(other).isOut()).count();
        return failures >= ejection.failures() && out < ejection.most(members.size())
                ? ejected(member, cause, ejections + 1, now, jitter, ejection)
                : with(
                        member,
                        new Condition.Up(
                                failures,
                                ejections,
                                up.since(),
                                Optional.of(new Condition.Failure(cause, now))));
    }

    private FleetState ejected(
            Member member,
            FailureCause cause,
            int times,
            long now,
            double jitter,
            FleetSettings.Ejection ejection) {
        long nanos = (long) (ejection.time(times).toNanos() * jitter);
        return with(member, new Condition.Ejected(cause, times, now + nanos));
    }
}
