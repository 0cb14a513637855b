package org.masquerelay.dns;

import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.RefusalReason;

/// Reads what a server said to a [Question]; borrows the response.
final class DnsReply {
    /// A chain of aliases that is longer goes in a circle, or nowhere.
    static final int MAX_ALIASES = 16;

    // The Z field as Netty has it: three bits, of which AD (RFC 4035, section 3.2.3) is the second.
    private static final int AUTHENTIC_DATA = 0x2;

    private static final int IPV4_BYTES = 4;
    private static final int IPV6_BYTES = 16;

    // RFC 2782: priority, weight and port, before the target.
    private static final int SRV_TARGET_OFFSET = 6;

    // RFC 1035, section 3.3.13: MINIMUM is the last of five fields of 32 bits.
    private static final int SOA_MINIMUM_BYTES = 4;

    // RFC 2181, section 8: a TTL with the highest bit set is 0.
    private static final long MAX_TTL = Integer.MAX_VALUE;

    private final DnsResponse response;

    DnsReply(DnsResponse response) {
        this.response = response;
    }

    boolean isTruncated() {
        return response.isTruncated();
    }

    boolean isAuthenticated() {
        return (response.z() & AUTHENTIC_DATA) != 0;
    }

    boolean isAboutTheName() {
        return response.code().equals(DnsResponseCode.NOERROR)
                || response.code().equals(DnsResponseCode.NXDOMAIN);
    }

    /// RFC 9209, section 2.3.2.
    DnsAnswer.Failed error() {
        return new DnsAnswer.Failed(error(response.code()));
    }

    private static Refusal.Own error(DnsResponseCode code) {
        var name = code.toString().toUpperCase(Locale.ROOT); // As RFC 8499, section 3 writes them.
        int number = name.indexOf('(');
        return RefusalReason.DNS_ERROR
                .because("")
                .saying("rcode", number < 0 ? name : name.substring(0, number));
    }

    /// Where the aliases in this reply lead.
    ///
    /// @param name the last name of the chain
    /// @param aliases links of the chain, here and before
    /// @param ttlSeconds the shortest of the links
    record Chain(String name, int aliases, long ttlSeconds) {
        static Chain from(String name) {
            return new Chain(name, 0, MAX_TTL);
        }

        private Chain then(String alias, long ttl) {
            return new Chain(alias, aliases + 1, Math.min(ttlSeconds, ttl));
        }

        boolean isTooLong() {
            return aliases > MAX_ALIASES;
        }
    }

    /// Follows the aliases from the end of `chain` (RFC 1034, section 3.6.2), at most until the
    /// chain is too long.
    Chain follow(Chain chain) {
        var at = chain;
        for (var alias = alias(at.name()); alias != null && !at.isTooLong(); ) {
            at = at.then(target(alias), ttl(alias));
            alias = alias(at.name());
        }
        return at;
    }

    private @Nullable DnsRawRecord alias(String name) {
        int count = response.count(DnsSection.ANSWER);
        for (int i = 0; i < count; i++) {
            if (response.recordAt(DnsSection.ANSWER, i) instanceof DnsRawRecord record
                    && record.type().equals(DnsRecordType.CNAME)
                    && record.name().equalsIgnoreCase(name)) {
                return record;
            }
        }
        return null;
    }

    private static String target(DnsRawRecord alias) {
        return DefaultDnsRecordDecoder.decodeName(alias.content().duplicate())
                .toLowerCase(Locale.ROOT);
    }

    /// What is said of the end of the chain; null if that has to be asked for.
    ///
    /// @param most further records are left out: a response over TCP has room for thousands
    @Nullable DnsAnswer about(Chain chain, DnsRecordType type, int most) {
        var found = records(chain, type);
        long ttl = chain.ttlSeconds();
        for (var record : found) {
            ttl = Math.min(ttl, ttl(record));
        }
        if (type.equals(DnsRecordType.SRV)) {
            var services = found.stream().map(DnsReply::service).filter(Objects::nonNull).toList();
            if (!services.isEmpty()) {
                return new DnsAnswer.Services(first(services, most), ttl);
            }
        } else {
            var addresses = found.stream().map(DnsReply::address).filter(Objects::nonNull).toList();
            if (!addresses.isEmpty()) {
                return new DnsAnswer.Addresses(first(addresses, most), ttl);
            }
        }
        return nothing(chain);
    }

    private static <T> List<T> first(List<T> all, int most) {
        return List.copyOf(all.subList(0, Math.min(most, all.size())));
    }

    private List<DnsRawRecord> records(Chain chain, DnsRecordType type) {
        var found = new ArrayList<DnsRawRecord>();
        int count = response.count(DnsSection.ANSWER);
        for (int i = 0; i < count; i++) {
            if (response.recordAt(DnsSection.ANSWER, i) instanceof DnsRawRecord record
                    && record.type().equals(type)
                    && record.name().equalsIgnoreCase(chain.name())) {
                found.add(record);
            }
        }
        return found;
    }

    private @Nullable DnsAnswer nothing(Chain chain) {
        var soa = startOfAuthority();
        long negative = soa == null ? 0 : Math.min(chain.ttlSeconds(), negativeTtl(soa));
        if (response.code().equals(DnsResponseCode.NXDOMAIN)) {
            return new DnsAnswer.NoName(negative);
        }
        // A server that follows no aliases stops where the next zone begins.
        boolean open = response.count(DnsSection.ANSWER) > 0 && soa == null && chain.aliases() > 0;
        return open ? null : new DnsAnswer.NoData(negative);
    }

    /// Null for what is none, and for a target that says that there is no such service.
    private static DnsAnswer.@Nullable Service service(DnsRawRecord record) {
        var content = record.content();
        int start = content.readerIndex();
        if (content.readableBytes() <= SRV_TARGET_OFFSET) {
            return null;
        }
        var name = content.duplicate().skipBytes(SRV_TARGET_OFFSET);
        var target = DefaultDnsRecordDecoder.decodeName(name).toLowerCase(Locale.ROOT);
        int port = content.getUnsignedShort(start + 4);
        return target.equals(".") || port == 0
                ? null
                : new DnsAnswer.Service(
                        content.getUnsignedShort(start),
                        content.getUnsignedShort(start + 2),
                        port,
                        target);
    }

    private static @Nullable InetAddress address(DnsRawRecord record) {
        int expected = record.type().equals(DnsRecordType.A) ? IPV4_BYTES : IPV6_BYTES;
        var content = record.content();
        if (content.readableBytes() != expected) {
            return null;
        }
        var bytes = new byte[expected];
        content.getBytes(content.readerIndex(), bytes);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException("address: of a length that none has", impossible);
        }
    }

    private @Nullable DnsRawRecord startOfAuthority() {
        int count = response.count(DnsSection.AUTHORITY);
        for (int i = 0; i < count; i++) {
            if (response.recordAt(DnsSection.AUTHORITY, i) instanceof DnsRawRecord record
                    && record.type().equals(DnsRecordType.SOA)) {
                return record;
            }
        }
        return null;
    }

    // RFC 2308, section 5. Without a start of authority, a negative answer is not remembered.
    private static long negativeTtl(DnsRawRecord soa) {
        var content = soa.content();
        if (content.readableBytes() < SOA_MINIMUM_BYTES) {
            return 0;
        }
        long minimum = content.getUnsignedInt(content.writerIndex() - SOA_MINIMUM_BYTES);
        return Math.min(ttl(soa), minimum);
    }

    private static long ttl(DnsRawRecord record) {
        long said = record.timeToLive();
        return said > MAX_TTL ? 0 : said;
    }
}
