package org.masquerelay.egress.resolve;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsErrorCauseException;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverTimeoutException;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import io.netty.resolver.dns.NoopAuthoritativeDnsServerCache;
import io.netty.resolver.dns.NoopDnsCache;
import io.netty.resolver.dns.NoopDnsCnameCache;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.masquerelay.egress.resolve.TargetResolver.Resolution.Failed;
import org.masquerelay.egress.resolve.TargetResolver.Resolution.Found;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.RefusalReason;

/// Asks DNS servers, on the loop that asks. Caches nothing: the recursive server near the egress
/// does, and a table that clients fill with names would need a bound.
public final class DnsTargetResolver implements TargetResolver {
    private static final int MAX_QUERIES = 8;

    private final IdentityHashMap<EventLoop, DnsNameResolver> resolvers = new IdentityHashMap<>();

    /// @param servers whom to ask; empty for the servers of the system
    /// @param timeout for each query
    public DnsTargetResolver(EventLoops loops, List<InetSocketAddress> servers, Duration timeout) {
        for (var loop : loops.all()) {
            resolvers.put(loop, resolver(loop, servers, timeout));
        }
    }

    private static DnsNameResolver resolver(
            EventLoop loop, List<InetSocketAddress> servers, Duration timeout) {
        return new DnsNameResolverBuilder(loop)
                .datagramChannelType(EventLoops.datagramChannel())
                .socketChannelType(EventLoops.socketChannel())
                .nameServerProvider(provider(servers))
                .queryTimeoutMillis(timeout.toMillis())
                .resolvedAddressTypes(ResolvedAddressTypes.IPV4_PREFERRED)
                .maxQueriesPerResolve(MAX_QUERIES)
                .searchDomains(List.of())
                .resolveCache(NoopDnsCache.INSTANCE)
                .cnameCache(NoopDnsCnameCache.INSTANCE)
                .authoritativeDnsServerCache(NoopAuthoritativeDnsServerCache.INSTANCE)
                .build();
    }

    private static DnsServerAddressStreamProvider provider(List<InetSocketAddress> servers) {
        return servers.isEmpty()
                ? DnsServerAddressStreamProviders.platformDefault()
                : new SequentialDnsServerAddressStreamProvider(servers);
    }

    @Override
    public void resolve(String name, EventLoop loop, Consumer<Resolution> then) {
        var resolver = resolvers.get(loop);
        if (resolver == null) {
            throw new IllegalStateException("loop: unknown (expected: one of this relay's)");
        }
        resolver.resolveAll(name)
                .addListener(done -> {
                    if (done.isSuccess()) {
                        @SuppressWarnings("unchecked") // resolveAll gives nothing else.
                        var addresses = (List<InetAddress>) done.getNow();
                        then.accept(new Found(List.copyOf(addresses)));
                    } else {
                        then.accept(new Failed(refusal(done.cause())));
                    }
                });
    }

    /// RFC 9209, sections 2.3.1 and 2.3.2.
    static Refusal refusal(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof DnsNameResolverTimeoutException) {
                return RefusalReason.DNS_TIMEOUT.because("");
            }
            if (cause instanceof DnsErrorCauseException error) {
                return error(error.getCode());
            }
        }
        // A server answered, with neither an address nor a reason that came through.
        return RefusalReason.DNS_ERROR.because("the name has no address");
    }

    private static Refusal error(DnsResponseCode code) {
        var name = code.toString().toUpperCase(Locale.ROOT); // As RFC 8499, section 3 writes them.
        int number = name.indexOf('(');
        return RefusalReason.DNS_ERROR
                .because("")
                .saying("rcode", number < 0 ? name : name.substring(0, number));
    }

    @Override
    public void close() {
        resolvers.values().forEach(DnsNameResolver::close);
    }
}
