package org.masquerelay.cli.dns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DnsPtrRecord;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.util.NetUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A DNS response in words.
///
/// @param code such as `NOERROR` or `NXDOMAIN`
public record DnsAnswer(int id, String code, List<Line> lines) {
    public DnsAnswer {
        lines = List.copyOf(lines);
    }

    /// One record of the answer section.
    public record Line(String name, long ttlSeconds, String type, String content) {
        /// As in a zone file.
        @Override
        public String toString() {
            return name + " " + ttlSeconds + " IN " + type + " " + content;
        }
    }

    static DnsAnswer of(DnsResponse response) {
        var lines = new ArrayList<Line>();
        for (int i = 0; i < response.count(DnsSection.ANSWER); i++) {
            DnsRecord record = response.recordAt(DnsSection.ANSWER, i);
            lines.add(
                    new Line(
                            record.name(),
                            record.timeToLive(),
                            record.type().name(),
                            content(record)));
        }
        return new DnsAnswer(response.id(), codeName(response), lines);
    }

    private static String codeName(DnsResponse response) {
        String text = response.code().toString(); // such as NXDomain(3)
        int end = text.indexOf('(');
        return (end < 0 ? text : text.substring(0, end)).toUpperCase(java.util.Locale.ROOT);
    }

    private static String content(DnsRecord record) {
        return switch (record) {
            case DnsPtrRecord pointer -> pointer.hostname();
            case DnsRawRecord raw -> content(raw.type(), raw.content().duplicate());
            default -> "";
        };
    }

    private static String content(DnsRecordType type, ByteBuf bytes) {
        int length = bytes.readableBytes();
        if ((type.equals(DnsRecordType.A) && length == 4)
                || (type.equals(DnsRecordType.AAAA) && length == 16)) {
            return NetUtil.bytesToIpAddress(ByteBufUtil.getBytes(bytes));
        }
        if (type.equals(DnsRecordType.CNAME) || type.equals(DnsRecordType.NS)) {
            return DefaultDnsRecordDecoder.decodeName(bytes);
        }
        if (type.equals(DnsRecordType.TXT)) {
            return characterStrings(bytes);
        }
        return "\\# " + length + " " + ByteBufUtil.hexDump(bytes); // RFC 3597, section 5
    }

    /// RFC 1035, section 3.3.14: strings, each behind a byte with its length.
    private static String characterStrings(ByteBuf bytes) {
        var strings = new ArrayList<String>();
        while (bytes.isReadable()) {
            int length = Math.min(bytes.readUnsignedByte(), bytes.readableBytes());
            String text = bytes.readCharSequence(length, StandardCharsets.US_ASCII).toString();
            strings.add('"' + printable(text) + '"');
        }
        return String.join(" ", strings);
    }

    /// What a target sends must not move the cursor of the user's terminal.
    private static String printable(String text) {
        var out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c >= 0x20 && c < 0x7f) {
                out.append(c);
            } else {
                out.append("\\%03d".formatted((int) c));
            }
        }
        return out.toString();
    }
}
