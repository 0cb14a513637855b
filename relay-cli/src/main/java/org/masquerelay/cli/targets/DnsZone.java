package org.masquerelay.cli.targets;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// What is known below `demo.test`, a name that no resolver of the Internet has (RFC 6761, section
/// 6.2).
///
/// - `web.demo.test` and `dns.demo.test`: this machine
/// - `n0.demo.test` to `n255.demo.test`: 192.0.2.0 to 192.0.2.255 (RFC 5737), so that answers to
///   many questions differ
/// - `hello.demo.test`: a TXT record
public final class DnsZone {
    public static final String WEB = "web.demo.test";
    public static final String DNS = "dns.demo.test";
    public static final String GREETING = "hello.demo.test";
    public static final String GREETING_TEXT = "hello through two hops";

    private static final String SUFFIX = ".demo.test";
    private static final Pattern NUMBERED = Pattern.compile("n(\\d{1,3})");
    private static final int TTL_SECONDS = 60;

    private DnsZone() {}

    /// The name whose address is 192.0.2.`number`.
    public static String numbered(int number) {
        return "n" + number + SUFFIX;
    }

    /// Whether the zone has anything of this name, whatever the type.
    static boolean knows(DnsQuestion question) {
        String name = nameOf(question);
        return name.equals(GREETING) || addressOf(name).isPresent();
    }

    /// The record asked for; nothing too for another type than the name has.
    static Optional<DnsRecord> answer(DnsQuestion question) {
        String name = nameOf(question);
        if (question.type().equals(DnsRecordType.A)) {
            return addressOf(name)
                    .map(address -> record(question, Unpooled.wrappedBuffer(address)));
        }
        if (question.type().equals(DnsRecordType.TXT) && name.equals(GREETING)) {
            byte[] text = GREETING_TEXT.getBytes(StandardCharsets.US_ASCII);
            return Optional.of(
                    record(question, Unpooled.buffer().writeByte(text.length).writeBytes(text)));
        }
        return Optional.empty();
    }

    private static DnsRecord record(DnsQuestion question, ByteBuf content) {
        return new DefaultDnsRawRecord(question.name(), question.type(), TTL_SECONDS, content);
    }

    private static Optional<byte[]> addressOf(String name) {
        if (name.equals(WEB) || name.equals(DNS)) {
            return Optional.of(new byte[] {127, 0, 0, 1});
        }
        if (!name.endsWith(SUFFIX)) {
            return Optional.empty();
        }
        var matcher = NUMBERED.matcher(name.substring(0, name.length() - SUFFIX.length()));
        if (!matcher.matches() || Integer.parseInt(matcher.group(1)) > 255) {
            return Optional.empty();
        }
        return Optional.of(
                new byte[] {(byte) 192, 0, 2, (byte) Integer.parseInt(matcher.group(1))});
    }

    private static String nameOf(DnsQuestion question) {
        String name = question.name().toLowerCase(Locale.ROOT);
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }
}
