package org.masquerelay.dns;

import io.netty.buffer.Unpooled;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.netty.resolver.dns.DnsNameResolverTimeoutException;
import io.netty.resolver.dns.DnsServerAddressStream;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import io.netty.resolver.dns.NoopAuthoritativeDnsServerCache;
import io.netty.resolver.dns.NoopDnsCache;
import io.netty.resolver.dns.NoopDnsCnameCache;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Ticker;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.masquerelay.dns.DnsReply.Chain;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.RefusalReason;

/// Puts questions to DNS servers, one server after the other, and follows aliases. Confined to one
/// event loop.
public final class DnsQueries implements AutoCloseable {
    /// Queries per question, over all servers and aliases.
    private static final int MAX_QUERIES = 8;

    /// Bytes of a response over UDP: such as no network has to fragment. Longer ones come over TCP.
    private static final int MAX_UDP_RESPONSE = 1232;

    // RFC 3225, section 3: in the EDNS "TTL", and understood as "tell me of AD" (RFC 6840, section
    // 5.7).
    private static final long DNSSEC_OK = 0x8000;

    private static final String UNREADABLE = "the answer of the DNS cannot be read";

    private final DnsNameResolver wire;
    private final DnsServerAddressStreamProvider servers;
    private final Settings settings;
    private final Ticker ticker;

    /// Whom to ask, and for how long.
    ///
    /// @param servers the DNS servers to ask; empty for those of the system
    /// @param total until a question is given up
    /// @param query until a server that is silent is passed over for the next, or asked again
    /// @param authenticatedOnly whether only answers with the AD bit (RFC 4035, section 3.2.3) are
    ///   taken
    /// @param maxRecords further records of an answer are left out
    public record Settings(
            List<InetSocketAddress> servers,
            Duration total,
            Duration query,
            boolean authenticatedOnly,
            int maxRecords) {
        public Settings {
            servers = List.copyOf(servers);
        }

        private long queryMillis() {
            return Math.min(query.toMillis(), total.toMillis());
        }
    }

    public DnsQueries(EventLoop loop, Settings settings, Ticker ticker) {
        this.servers = provider(settings.servers());
        this.settings = settings;
        this.ticker = ticker;
        // Nothing but its queries is used: what it makes of responses loses the AD bit and TTLs.
        this.wire =
                new DnsNameResolverBuilder(loop)
                        .datagramChannelType(EventLoops.datagramChannel())
                        .socketChannelType(EventLoops.socketChannel())
                        // RFC 5452, section 9.2: a port of its own for every query.
                        .datagramChannelStrategy(
                                DnsNameResolverChannelStrategy.ChannelPerResolution)
                        .nameServerProvider(servers)
                        .queryTimeoutMillis(settings.queryMillis())
                        .maxPayloadSize(MAX_UDP_RESPONSE)
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

    /// Calls `then` exactly once, on the loop; nothing is asked any more when the total time is
    /// over.
    public void ask(Question question, Consumer<DnsAnswer> then) {
        new Asking(question, then).next();
    }

    /// One question on its way.
    private final class Asking {
        private final Question question;
        private final Consumer<DnsAnswer> then;
        private final DnsServerAddressStream stream;
        private final long deadlineNanos = ticker.nanoTime() + settings.total().toNanos();
        private Chain chain;
        private int queries;
        private int errors;
        private DnsAnswer ending = new DnsAnswer.Failed(RefusalReason.DNS_TIMEOUT.because(""));

        Asking(Question question, Consumer<DnsAnswer> then) {
            this.question = question;
            this.then = then;
            this.stream = servers.nameServerAddressStream(question.name());
            this.chain = Chain.from(question.name());
        }

        /// Asks the next server, and the first again after the last.
        void next() {
            if (queries == MAX_QUERIES || deadlineNanos - ticker.nanoTime() <= 0) {
                then.accept(ending);
                return;
            }
            queries++;
            DefaultDnsQuestion next;
            try {
                next = new DefaultDnsQuestion(chain.name(), question.type());
            } catch (IllegalArgumentException _) { // An alias of what is no name.
                then.accept(failure(UNREADABLE));
                return;
            }
            wire.query(stream.next(), next, additionals()).addListener(this::ended);
        }

        private void ended(Future<? super AddressedEnvelope<DnsResponse, InetSocketAddress>> done) {
            if (!done.isSuccess()) {
                failed(done.cause());
                return;
            }
            @SuppressWarnings("unchecked") // A query gives nothing else.
            var envelope = (AddressedEnvelope<DnsResponse, InetSocketAddress>) done.getNow();
            try {
                replied(new DnsReply(envelope.content()));
            } finally {
                envelope.release();
            }
        }

        private void failed(Throwable cause) {
            if (cause instanceof DnsNameResolverTimeoutException) {
                next();
            } else {
                passOver(failure("the DNS server cannot be reached"));
            }
        }

        private void replied(DnsReply reply) {
            if (reply.isTruncated()) {
                passOver(failure("the answer of the DNS server is incomplete"));
            } else if (!reply.isAboutTheName()) {
                passOver(reply.error());
            } else if (settings.authenticatedOnly() && !reply.isAuthenticated()) {
                then.accept(failure("the answer of the DNS is not authenticated"));
            } else {
                var answer = read(reply);
                if (answer != null) {
                    then.accept(answer);
                } else {
                    next();
                }
            }
        }

        /// Null if the end of a chain of aliases has to be asked for.
        private @Nullable DnsAnswer read(DnsReply reply) {
            int known = chain.aliases();
            try {
                chain = reply.follow(chain);
                if (chain.isTooLong()) {
                    return failure("the aliases of the name do not end");
                }
                var answer = reply.about(chain, question.type(), settings.maxRecords());
                return answer == null && chain.aliases() == known
                        ? new DnsAnswer.NoData(0)
                        : answer;
            } catch (RuntimeException _) {
                // Names in records are read here. Whoever asked waits for a word, whatever they
                // are.
                return failure(UNREADABLE);
            }
        }

        /// Each server fails once before the question does.
        private void passOver(DnsAnswer failure) {
            ending = failure;
            errors++;
            if (errors < stream.size()) {
                next();
            } else {
                then.accept(failure);
            }
        }
    }

    private List<DnsRecord> additionals() {
        return settings.authenticatedOnly()
                ? List.of(
                        new DefaultDnsRawRecord(
                                "",
                                DnsRecordType.OPT,
                                MAX_UDP_RESPONSE,
                                DNSSEC_OK,
                                Unpooled.EMPTY_BUFFER))
                : List.of();
    }

    private static DnsAnswer.Failed failure(String details) {
        Refusal.Own refusal = RefusalReason.DNS_ERROR.because(details);
        return new DnsAnswer.Failed(refusal);
    }

    @Override
    public void close() {
        wire.close();
    }
}
