package org.masquerelay.tenant;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.masquerelay.tenant.TenantReader.Reading;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.Peer;
import org.masquerelay.tunnel.RequestHead;
import org.masquerelay.tunnel.Tenant;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelRequest;
import org.masquerelay.wire.HostPort;

final class TenantFieldTest {
    private static final Instant NOW = Instant.parse("2026-01-02T23:58:30Z");
    private static final HostPort TARGET = new HostPort("target.example", 443);
    private static final Tenant TENANT = new Tenant("spiffe://example.org/client/7");
    private static final TenantKey KEY = key(1);

    private Instant now = NOW;
    private final InstantSource clock = () -> now;
    private final TenantReader reader = new TenantReader(List.of(KEY), clock);

    private static TenantKey key(int fill) {
        byte[] bytes = new byte[TenantKey.LENGTH];
        Arrays.fill(bytes, (byte) fill);
        return new TenantKey(bytes);
    }

    private static TunnelRequest request(TunnelKind kind, HostPort target, HeaderFields fields) {
        var head = new RequestHead("CONNECT", null, target.toString(), null, null, fields);
        var peer = new Peer(new InetSocketAddress(0), List.of(), "main", HttpVersion.H3);
        return new TunnelRequest(kind, target, head, peer);
    }

    private static TunnelRequest request(HeaderFields fields) {
        return request(TunnelKind.TCP, TARGET, fields);
    }

    private HeaderFields written(TenantKey key, Tenant tenant) {
        return TenantWriter.sealing(key, UnaryOperator.identity(), new SecureRandom(), clock)
                .write(HeaderFields.NONE, request(HeaderFields.NONE), Optional.of(tenant));
    }

    private String field(Tenant tenant) {
        return written(KEY, tenant).first("relay-tenant").orElseThrow();
    }

    private static TenantFault fault(Reading reading) {
        assertThat(reading).isInstanceOf(Reading.Rejected.class);
        return ((Reading.Rejected) reading).fault();
    }

    @Test
    void tellsTheEgressWhoTheTenantIs() {
        assertThat(reader.read(request(written(KEY, TENANT)))).isEqualTo(new Reading.Known(TENANT));
        var longest = new Tenant("x".repeat(256));
        assertThat(reader.read(request(written(KEY, longest))))
                .isEqualTo(new Reading.Known(longest));
    }

    @Test
    void saysNothingOfNobody() {
        var fields =
                TenantWriter.sealing(KEY, UnaryOperator.identity(), new SecureRandom(), clock)
                        .write(HeaderFields.NONE, request(HeaderFields.NONE), Optional.empty());
        assertThat(fields).isEqualTo(HeaderFields.NONE);
        assertThat(reader.read(request(fields))).isEqualTo(new Reading.Absent());
    }

    @Test
    void looksDifferentEachTimeAndIsAlwaysOfTheSameLength() {
        assertThat(field(TENANT)).isNotEqualTo(field(TENANT));
        assertThat(field(new Tenant("a")))
                .hasSameSizeAs(field(new Tenant("a".repeat(256))))
                .matches(":[A-Za-z0-9+/]*:");
    }

    @Test
    void believesNothingThatWasChanged() {
        byte[] genuine = decode(field(TENANT));
        for (int i = 0; i < genuine.length; i++) {
            byte[] changed = genuine.clone();
            changed[i] ^= 1;
            var reading = reader.read(request(HeaderFields.of("relay-tenant", encode(changed))));
            assertThat(fault(reading))
                    .as("byte %d", i)
                    .isEqualTo(
                            i == 0
                                    ? TenantFault.MALFORMED
                                    : i < 9 ? TenantFault.UNKNOWN_KEY : TenantFault.FORGED);
        }
    }

    @Test
    void believesNothingThatIsCutOrTwofold() {
        byte[] genuine = decode(field(TENANT));
        for (int length = 0; length < genuine.length; length++) {
            var cut = encode(Arrays.copyOf(genuine, length));
            assertThat(fault(reader.read(request(HeaderFields.of("relay-tenant", cut)))))
                    .isEqualTo(TenantFault.MALFORMED);
        }
        var twice = written(KEY, TENANT).with("relay-tenant", field(TENANT));
        assertThat(fault(reader.read(request(twice)))).isEqualTo(TenantFault.MALFORMED);
        var text = HeaderFields.of("relay-tenant", TENANT.id());
        assertThat(fault(reader.read(request(text)))).isEqualTo(TenantFault.MALFORMED);
        var unreadable = HeaderFields.of("relay-tenant", ":" + "*".repeat(404) + ":");
        assertThat(fault(reader.read(request(unreadable)))).isEqualTo(TenantFault.MALFORMED);
    }

    @Test
    void holdsForItsRequestAlone() {
        var fields = written(KEY, TENANT);
        assertThat(
                        fault(
                                reader.read(
                                        request(
                                                TunnelKind.TCP,
                                                new HostPort("other.example", 443),
                                                fields))))
                .isEqualTo(TenantFault.FORGED);
        assertThat(fault(reader.read(request(TunnelKind.UDP, TARGET, fields))))
                .isEqualTo(TenantFault.FORGED);
    }

    @Test
    void holdsForFiveMinutes() {
        var fields = written(KEY, TENANT);
        for (int minutes : new int[] {-5, 5}) {
            now = NOW.plus(Duration.ofMinutes(minutes));
            assertThat(reader.read(request(fields))).isEqualTo(new Reading.Known(TENANT));
        }
        for (int minutes : new int[] {-6, 6}) {
            now = NOW.plus(Duration.ofMinutes(minutes));
            assertThat(fault(reader.read(request(fields)))).isEqualTo(TenantFault.EXPIRED);
        }
    }

    @Test
    void believesEveryKeyThatItHasAndNoOther() {
        var rotating = new TenantReader(List.of(key(2), KEY), clock);
        assertThat(rotating.read(request(written(KEY, TENANT))))
                .isEqualTo(new Reading.Known(TENANT));
        assertThat(rotating.read(request(written(key(2), TENANT))))
                .isEqualTo(new Reading.Known(TENANT));
        assertThat(fault(rotating.read(request(written(key(3), TENANT)))))
                .isEqualTo(TenantFault.UNKNOWN_KEY);
        assertThat(fault(new TenantReader(List.of(), clock).read(request(written(KEY, TENANT)))))
                .isEqualTo(TenantFault.UNKNOWN_KEY);
    }

    @Test
    void opaqueNamesLastADayAndDependOnTheSecret() {
        var opaque = new OpaqueTenants(new byte[32], clock);
        var other = new OpaqueTenants("0123456789abcdef0123456789abcdef".getBytes(US_ASCII), clock);
        var name = opaque.apply(TENANT);

        assertThat(name.id()).matches("opaque:[A-Za-z0-9_-]{22}");
        assertThat(opaque.apply(TENANT)).isEqualTo(name);
        assertThat(opaque.apply(new Tenant("another"))).isNotEqualTo(name);
        assertThat(other.apply(TENANT)).isNotEqualTo(name);

        now = NOW.plus(Duration.ofSeconds(89));
        assertThat(opaque.apply(TENANT)).isEqualTo(name);
        now = NOW.plus(Duration.ofSeconds(90));
        assertThat(opaque.apply(TENANT)).isNotEqualTo(name);
    }

    @Test
    void takesNothingButKeysOf32Bytes() {
        assertThatThrownBy(() -> new TenantKey(new byte[31]))
                .hasMessage("key: 31 bytes (expected: 32)");
        assertThatThrownBy(() -> new OpaqueTenants(new byte[33], clock))
                .hasMessage("secret: 33 bytes (expected: 32)");
    }

    private static byte[] decode(String field) {
        return Base64.getDecoder().decode(field.substring(1, field.length() - 1));
    }

    private static String encode(byte[] bytes) {
        return ":" + Base64.getEncoder().encodeToString(bytes) + ":";
    }
}
