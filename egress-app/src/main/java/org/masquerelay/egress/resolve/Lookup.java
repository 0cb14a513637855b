package org.masquerelay.egress.resolve;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.masquerelay.dns.DnsAnswer;
import org.masquerelay.dns.Question;
import org.masquerelay.egress.resolve.TargetResolver.Resolution;
import org.masquerelay.observe.LookupOutcome;
import org.masquerelay.tunnel.RefusalReason;

/// Resolves one name for one tunnel: asks for the addresses of each family by itself, and does not
/// wait long for the second (RFC 8305, section 3). Confined to the event loop of the tunnel.
///
/// An answer that comes later is remembered for the next tunnel, and not used by this one: all
/// addresses of a tunnel are ruled on at once.
final class Lookup {
    private final Answers source;
    private final EventLoop loop;
    private final ResolverSettings settings;
    private final Consumer<Ending> then;
    private final Map<DnsRecordType, DnsAnswer> answers = new LinkedHashMap<>();
    private final List<DnsRecordType> types;
    private boolean over;
    private @Nullable Future<?> deadline;
    private @Nullable Future<?> otherFamily;

    /// Where answers come from.
    interface Answers {
        /// What is remembered; null if nothing is.
        @Nullable DnsAnswer known(Question question);

        /// Calls `then` exactly once, on the loop.
        void ask(Question question, Consumer<DnsAnswer> then);
    }

    /// How a look-up ended.
    record Ending(Resolution resolution, LookupOutcome outcome) {}

    Lookup(Answers source, EventLoop loop, ResolverSettings settings, Consumer<Ending> then) {
        this.source = source;
        this.loop = loop;
        this.settings = settings;
        this.then = then;
        this.types = types(settings.families());
    }

    // RFC 8305, section 3: the AAAA query is sent first.
    private static List<DnsRecordType> types(AddressFamilies families) {
        return switch (families) {
            case IPV4_ONLY -> List.of(DnsRecordType.A);
            case IPV6_ONLY -> List.of(DnsRecordType.AAAA);
            case DUAL_STACK, IPV4_PREFERRED, IPV6_PREFERRED ->
                    List.of(DnsRecordType.AAAA, DnsRecordType.A);
        };
    }

    /// @param name in lower case, with a dot at its end
    void start(String name) {
        var unknown = new ArrayList<Question>();
        for (var type : types) {
            var question = new Question(name, type);
            var known = source.known(question);
            if (known == null) {
                unknown.add(question);
            } else {
                answers.put(type, known);
            }
        }
        if (unknown.isEmpty()) {
            var resolution = resolution(settings.families(), answers.values());
            then.accept(new Ending(resolution, LookupOutcome.CACHED));
            return;
        }
        deadline = after(settings.times().total(), this::end);
        List.copyOf(answers.values()).forEach(this::waitForTheOtherFamily);
        for (var question : unknown) {
            source.ask(question, answer -> answered(question.type(), answer));
        }
    }

    private void answered(DnsRecordType type, DnsAnswer answer) {
        if (over) {
            return;
        }
        answers.put(type, answer);
        if (answers.size() == types.size()) {
            end();
        } else {
            waitForTheOtherFamily(answer);
        }
    }

    /// The resolution delay of RFC 8305, in both directions; but not for addresses that no route
    /// leads to, with which a tunnel could do nothing.
    private void waitForTheOtherFamily(DnsAnswer answer) {
        if (answer instanceof DnsAnswer.Addresses(var addresses, _)
                && Routes.leadTo(addresses.getFirst())) {
            otherFamily = after(settings.times().otherFamily(), this::end);
        }
    }

    private Future<?> after(Duration delay, Runnable what) {
        return loop.schedule(what, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void end() {
        if (over) {
            return;
        }
        over = true;
        cancel(deadline);
        cancel(otherFamily);
        var said = new ArrayList<>(answers.values());
        if (said.size() < types.size()) {
            said.add(new DnsAnswer.Failed(RefusalReason.DNS_TIMEOUT.because("")));
        }
        then.accept(new Ending(resolution(settings.families(), said), outcome(said)));
    }

    private static void cancel(@Nullable Future<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    /// What the answers for the families come to: all addresses there are, or else why there is
    /// none.
    static Resolution resolution(AddressFamilies families, Collection<DnsAnswer> answers) {
        var addresses = new ArrayList<InetAddress>();
        for (var answer : answers) {
            if (answer instanceof DnsAnswer.Addresses(var some, _)) {
                addresses.addAll(some);
            }
        }
        var ordered = families.order(addresses);
        if (!ordered.isEmpty()) {
            return new Resolution.Found(ordered);
        }
        for (var answer : answers) {
            if (answer instanceof DnsAnswer.Failed(var refusal)) {
                return new Resolution.Failed(refusal);
            }
        }
        return new Resolution.Failed(
                outcome(answers) == LookupOutcome.NO_NAME
                        ? RefusalReason.DNS_ERROR.because("").saying("rcode", "NXDOMAIN")
                        : RefusalReason.DNS_ERROR.because("the name has no address"));
    }

    private static LookupOutcome outcome(Collection<DnsAnswer> answers) {
        var outcome = LookupOutcome.NO_ADDRESS;
        for (var answer : answers) {
            var said =
                    switch (answer) {
                        case DnsAnswer.Addresses _ -> LookupOutcome.FOUND;
                        case DnsAnswer.Failed(var refusal) ->
                                refusal.reason() == RefusalReason.DNS_TIMEOUT
                                        ? LookupOutcome.TIMEOUT
                                        : LookupOutcome.FAILED;
                        case DnsAnswer.NoName _ -> LookupOutcome.NO_NAME;
                        // Services are not asked for here.
                        case DnsAnswer.NoData _, DnsAnswer.Services _ -> LookupOutcome.NO_ADDRESS;
                    };
            if (said.compareTo(outcome) < 0) { // The more telling come first.
                outcome = said;
            }
        }
        return outcome;
    }
}
