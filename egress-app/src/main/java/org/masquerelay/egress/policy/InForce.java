package org.masquerelay.egress.policy;

import java.net.InetAddress;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.masquerelay.egress.rule.Protocol;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.Tenant;
import org.masquerelay.wire.HostPort;

/// The rules that count for the tunnels of one tenant at one moment. Immutable.
///
/// @param edition what is replaced when the policy file changes
/// @param ofTenant what this tenant reaches
/// @param isKnown whether there is a rule for the tenant at all
record InForce(TargetRules rules, TenantRules edition, TargetTable ofTenant, boolean isKnown) {

    static InForce of(TargetRules rules, Optional<Tenant> tenant) {
        var edition = rules.tenants().get();
        var table = edition.of(tenant);
        return new InForce(rules, edition, table.orElse(TargetTable.NOTHING), table.isPresent());
    }

    /// What is asked about a target.
    ///
    /// @param name null where the target is given by its address
    record Question(Protocol protocol, int port, @Nullable String name) {
        static Question of(Protocol protocol, HostPort target) {
            return new Question(
                    protocol,
                    target.port(),
                    target.literal().isPresent() ? null : withoutLastDot(target.host()));
        }

        private static String withoutLastDot(String name) {
            return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        }

        int nameIn(TargetTable table) {
            return name == null ? Mark.NONE : table.ofName(name, protocol, port);
        }

        int anythingIn(TargetTable table) {
            return table.ofAnything(protocol, port);
        }

        int addressIn(TargetTable table, InetAddress address) {
            return table.ofAddress(address, protocol, port);
        }
    }

    /// Why there is no tunnel to the target whatever its addresses, if so.
    Optional<Refusal> refusal(Question question) {
        if (rules.deniedPorts().contains(question.port())) {
            return forbidden("no tunnel goes to the port of the target");
        }
        if (Mark.firstOf(question.nameIn(rules.deny()), question.anythingIn(rules.deny()))
                != Mark.NONE) {
            return forbidden("the policy denies the target");
        }
        if (!isKnown) {
            return forbidden("the policy has no rules for whom the tunnel is");
        }
        return mayPass(rules.allow(), question) && mayPass(ofTenant, question)
                ? Optional.empty()
                : forbidden("the policy does not allow the target");
    }

    private static boolean mayPass(TargetTable table, Question question) {
        return question.nameIn(table) != Mark.NONE
                || question.anythingIn(table) != Mark.NONE
                || table.mayMatchAddress(question.protocol(), question.port());
    }

    static Optional<Refusal> forbidden(String details) {
        return Optional.of(RefusalReason.FORBIDDEN.because(details));
    }

    /// The mark of the tenant's rule by which a tunnel may go to this address of the target, or
    /// [Mark#NONE]. The target itself has been looked at before, by [#refusal].
    ///
    /// @param isPublic whether an address needs no rule that opens it
    int mark(Question question, InetAddress address, Predicate<InetAddress> isPublic) {
        if (isBarred(question, address, isPublic) || isBarredInside(question, address, isPublic)) {
            return Mark.NONE;
        }
        int networkOfAll = question.addressIn(rules.allow(), address);
        return pass(question, rules.allow(), networkOfAll) == Mark.NONE
                ? Mark.NONE
                : pass(question, ofTenant, question.addressIn(ofTenant, address));
    }

    /// Or a translator would lead around the rules about IPv4 addresses.
    private boolean isBarredInside(
            Question question, InetAddress address, Predicate<InetAddress> isPublic) {
        var inside = EmbeddedAddress.in(address);
        return inside != null && isBarred(question, inside, isPublic);
    }

    private boolean isBarred(
            Question question, InetAddress address, Predicate<InetAddress> isPublic) {
        if (question.addressIn(rules.deny(), address) != Mark.NONE) {
            return true;
        }
        boolean isOpen =
                rules.allowPrivate()
                        || isPublic.test(address)
                        || Mark.isOpening(question.addressIn(ofTenant, address))
                        || Mark.isOpening(question.addressIn(rules.allow(), address));
        return !isOpen;
    }

    private static int pass(Question question, TargetTable table, int network) {
        int exact = Mark.firstOf(question.nameIn(table), network);
        return Mark.firstOf(exact, question.anythingIn(table));
    }
}
