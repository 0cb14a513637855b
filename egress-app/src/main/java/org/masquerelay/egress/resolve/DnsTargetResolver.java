package org.masquerelay.egress.resolve;

import io.netty.channel.EventLoop;
import io.netty.resolver.DefaultHostsFileEntriesResolver;
import io.netty.resolver.ResolvedAddressTypes;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.masquerelay.dns.DnsAnswer;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.transport.EventLoops;

/// Asks DNS servers, on the loop that asks, and remembers what they said for as long as they said,
/// within bounds. Special names and those of the system's hosts file are not asked for.
///
/// No search domain is ever appended. What is remembered, and what is on its way, is kept per event
/// loop.
public final class DnsTargetResolver implements TargetResolver {
    private final IdentityHashMap<EventLoop, LoopAnswers> answers = new IdentityHashMap<>();
    private final DefaultHostsFileEntriesResolver hosts = new DefaultHostsFileEntriesResolver();
    private final ResolverSettings settings;
    private final TunnelListener listener;

    /// @param listener hears of each look-up that asked the DNS or its memory
    public DnsTargetResolver(EventLoops loops, ResolverSettings settings, TunnelListener listener) {
        this.settings = settings;
        this.listener = listener;
        int entries = Math.ceilDiv(settings.cache().entries(), loops.all().size());
        for (var loop : loops.all()) {
            answers.put(loop, new LoopAnswers(loop, settings, entries));
        }
    }

    @Override
    public void resolve(String target, EventLoop loop, Consumer<Resolution> then) {
        var source = answers.get(loop);
        if (source == null) {
            throw new IllegalStateException("loop: unknown (expected: one of this relay's)");
        }
        var name = target.endsWith(".") ? target : target + ".";
        local(name)
                .ifPresentOrElse(
                        answer -> then.accept(Lookup.resolution(localFamilies(), List.of(answer))),
                        () -> ask(name, source, loop, then));
    }

    /// IPv4 first for localhost and the hosts file unless told otherwise: a UDP tunnel takes the
    /// first address, and most of what listens on loopback listens there.
    private AddressFamilies localFamilies() {
        return settings.families() == AddressFamilies.DUAL_STACK
                ? AddressFamilies.IPV4_PREFERRED
                : settings.families();
    }

    private Optional<DnsAnswer> local(String name) {
        return SpecialNames.answer(name).or(() -> inHostsFile(name));
    }

    private Optional<DnsAnswer> inHostsFile(String name) {
        var addresses =
                hosts.addresses(
                        name.substring(0, name.length() - 1), ResolvedAddressTypes.IPV6_PREFERRED);
        return addresses == null || addresses.isEmpty()
                ? Optional.empty()
                : Optional.of(new DnsAnswer.Addresses(addresses, 0));
    }

    private void ask(String name, LoopAnswers source, EventLoop loop, Consumer<Resolution> then) {
        long startNanos = loop.ticker().nanoTime();
        new Lookup(
                        source,
                        loop,
                        settings,
                        ending -> {
                            listener.lookedUp(
                                    ending.outcome(), loop.ticker().nanoTime() - startNanos);
                            then.accept(ending.resolution());
                        })
                .start(name);
    }

    @Override
    public void close() {
        answers.values().forEach(LoopAnswers::close);
    }
}
