package org.masquerelay.egress.policy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.masquerelay.bind.PeerPolicy;
import org.masquerelay.egress.policy.InForce.Question;
import org.masquerelay.egress.policy.TargetRules.ProhibitedStatus;
import org.masquerelay.egress.rule.Dscp;
import org.masquerelay.egress.rule.Protocol;
import org.masquerelay.tenant.OpaqueTenants;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.Tenant;
import org.masquerelay.tunnel.TunnelRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides where tunnels may go, by the name and the port of a target, by the addresses it really
/// has, and by whose tunnel it is.
///
/// Each ruling is made by one snapshot of the rules. Used by every event loop.
public final class TargetPolicy {
    private static final Logger LOG = LoggerFactory.getLogger(TargetPolicy.class);

    /// Shared by all event loops, so that it is said once.
    private final AtomicBoolean warned = new AtomicBoolean();

    private final TargetRules rules;
    private final OwnListeners own;

    public TargetPolicy(TargetRules rules, OwnListeners own) {
        this.rules = rules;
        this.own = own;
    }

    /// What the policy says.
    public sealed interface Ruling {
        record Permitted(Permit permit) implements Ruling {}

        record Prohibited(Refusal refusal) implements Ruling {}
    }

    /// Why no tunnel goes to the target whatever addresses it has, if so. For those who ask before
    /// they resolve a name; the ruling says it as well.
    public Optional<Refusal> refusalUnresolved(TunnelRequest request, Optional<Tenant> tenant) {
        return inForce(tenant).refusal(question(request));
    }

    private InForce inForce(Optional<Tenant> tenant) {
        var inForce = InForce.of(rules, tenant);
        if (!inForce.isKnown()
                && tenant.filter(OpaqueTenants::isOpaque).isPresent()
                && !warned.getAndSet(true)) {
            LOG.warn(
                    "The policy file has rules by tenant, but tunnels come with opaque names, which no"
                            + " rule can be for: set relay.upstream.tenant to id at the ingress");
        }
        return inForce;
    }

    private static Question question(TunnelRequest request) {
        return Question.of(Protocol.of(request.kind()), request.target());
    }

    /// Keeps the allowed ones of the addresses that the request's target was resolved to.
    public Ruling rule(TunnelRequest request, Optional<Tenant> tenant, List<InetAddress> resolved) {
        var inForce = inForce(tenant);
        var question = question(request);
        var refusal = inForce.refusal(question);
        if (refusal.isPresent()) {
            return new Ruling.Prohibited(refusal.get());
        }
        boolean leadsBack = false;
        var permitted = new LinkedHashMap<InetSocketAddress, Optional<Dscp>>();
        for (var address : resolved) {
            var target = new InetSocketAddress(address, question.port());
            if (leadsBack(target)) {
                leadsBack = true;
                continue;
            }
            int mark = inForce.mark(question, address, this::isPublic);
            if (mark != Mark.NONE) {
                permitted.putIfAbsent(target, Mark.dscp(mark));
            }
        }
        if (permitted.isEmpty()) {
            return new Ruling.Prohibited(leadsBack ? loop() : prohibited());
        }
        return new Ruling.Permitted(
                new Permit(
                        request,
                        tenant,
                        permitted,
                        permitted.firstEntry().getValue(),
                        new Peers(tenant)));
    }

    /// What else listens on this machine is as little for the public as its network.
    private boolean isPublic(InetAddress address) {
        return NonPublicNetworks.isPublic(address) && !own.isOfThisMachine(address);
    }

    private boolean leadsBack(InetSocketAddress target) {
        var inside = EmbeddedAddress.in(target.getAddress());
        return own.contains(target)
                || (inside != null
                        && own.contains(new InetSocketAddress(inside, target.getPort())));
    }

    private static Refusal loop() {
        return RefusalReason.LOOP.because("the target is this relay itself");
    }

    private Refusal prohibited() {
        var reason =
                rules.prohibited() == ProhibitedStatus.FORBIDDEN
                        ? RefusalReason.DESTINATION_PROHIBITED
                        : RefusalReason.DESTINATION_PROHIBITED_STRICT;
        return reason.because("the target has no address that tunnels may go to");
    }

    /// The ruling on a bind request without a target: whether there is any peer that it could
    /// reach. Each peer is looked at when it comes up.
    public Ruling ruleUnscoped(TunnelRequest request, Optional<Tenant> tenant) {
        var inForce = inForce(tenant);
        int mark = inForce.ofTenant().ofPeers();
        boolean isDenied = rules.deny().isOfEveryTarget(Protocol.BIND);
        if (isDenied || mark == Mark.NONE || rules.allow().ofPeers() == Mark.NONE) {
            var refusal =
                    inForce.isKnown()
                            ? InForce.forbidden("the policy allows no peer")
                            : InForce.forbidden("the policy has no rules for whom the tunnel is");
            return new Ruling.Prohibited(refusal.orElseThrow());
        }
        return new Ruling.Permitted(
                new Permit(
                        request,
                        tenant,
                        new LinkedHashMap<>(),
                        Mark.dscp(mark),
                        new Peers(tenant)));
    }

    /// The peers of one bind tunnel. The rules of its tenant are looked up once for each edition of
    /// them. Confined to the event loop of the tunnel.
    private final class Peers implements PeerPolicy {
        private final Optional<Tenant> tenant;
        private InForce inForce;

        Peers(Optional<Tenant> tenant) {
            this.tenant = tenant;
            this.inForce = InForce.of(rules, tenant);
        }

        @Override
        public Object edition() {
            return rules.tenants().get();
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // Each reload makes a new value.
        public boolean allows(InetSocketAddress peer) {
            if (inForce.edition() != edition()) {
                inForce = InForce.of(rules, tenant);
            }
            var question = new Question(Protocol.BIND, peer.getPort(), null);
            return inForce.refusal(question).isEmpty()
                    && inForce.mark(question, peer.getAddress(), TargetPolicy.this::isPublic)
                            != Mark.NONE
                    && !leadsBack(peer);
        }
    }
}
