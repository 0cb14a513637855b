package org.masquerelay.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.Ticker;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.gate.Admit;
import org.masquerelay.gate.GateRules;
import org.masquerelay.gate.ProxyChallenge;
import org.masquerelay.gate.SpringGate;
import org.masquerelay.gate.mtls.CertificateTenant;
import org.masquerelay.gate.mtls.MutualTlsScheme;
import org.masquerelay.http.FrontSettings;
import org.masquerelay.http.FrontSettings.ClientCertificates;
import org.masquerelay.http.ListenerTls;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.http.ScriptedService;
import org.masquerelay.http.TestFront;
import org.masquerelay.http.Transports;
import org.masquerelay.ingress.directory.Egress;
import org.masquerelay.ingress.directory.EgressDirectory;
import org.masquerelay.ingress.fleet.Fleet;
import org.masquerelay.ingress.fleet.FleetSettings;
import org.masquerelay.ingress.passthrough.PassthroughSettings;
import org.masquerelay.ingress.upstream.UpstreamSettings;
import org.masquerelay.tenant.OpaqueTenants;
import org.masquerelay.tenant.TenantKey;
import org.masquerelay.tenant.TenantReader;
import org.masquerelay.tenant.TenantReader.Reading;
import org.masquerelay.tenant.TenantWriter;
import org.masquerelay.testkit.ClientCa;
import org.masquerelay.testkit.ClientCa.Client;
import org.masquerelay.testkit.CountingListener;
import org.masquerelay.testkit.RawClient;
import org.masquerelay.transport.ClientRules;
import org.masquerelay.tunnel.Drain;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.Tenant;
import org.masquerelay.tunnel.TunnelRequest;
import org.masquerelay.wire.HostPort;
import org.springframework.security.config.web.server.ServerHttpSecurity;

/// What an egress hears of the tenant of a tunnel, over every HTTP version between the relays.
@Timeout(60)
final class TenantToEgressTest {
    private static final ClientCa CA = ClientCa.root("clients");
    private static final String SPIFFE_ID = "spiffe://example.org/client/7";
    private static final TenantKey KEY = new TenantKey(new byte[TenantKey.LENGTH]);
    private static final TenantReader READER =
            new TenantReader(List.of(KEY), InstantSource.system());

    @ParameterizedTest
    @EnumSource
    void hearsAnOpaqueNameThatStaysTheSame(HttpVersion version) throws Exception {
        var shown =
                new OpaqueTenants(new byte[OpaqueTenants.SECRET_LENGTH], InstantSource.system());
        try (var egress = egress(version);
                var ingress = ingress(egress, version, sealing(shown))) {
            var first = asked(egress, ingress, "tcp.example:443");
            var second = asked(egress, ingress, "other.example:443");

            var name = shown.apply(new Tenant(SPIFFE_ID));
            assertThat(READER.read(first)).isEqualTo(new Reading.Known(name));
            assertThat(READER.read(second)).isEqualTo(new Reading.Known(name));
            assertThat(name.id()).doesNotContain("example.org");
            for (var line : first.head().fields()) {
                assertThat(line.value()).doesNotContain("spiffe", "127.0.0.1");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void hearsTheIdentityIfToldTo(HttpVersion version) throws Exception {
        try (var egress = egress(version);
                var ingress = ingress(egress, version, sealing(UnaryOperator.identity()))) {
            assertThat(READER.read(asked(egress, ingress, "tcp.example:443")))
                    .isEqualTo(new Reading.Known(new Tenant(SPIFFE_ID)));
        }
    }

    @ParameterizedTest
    @EnumSource
    void hearsNothingOtherwiseWhateverTheClientSends(HttpVersion version) throws Exception {
        try (var egress = egress(version);
                var ingress = ingress(egress, version, TenantWriter.NONE)) {
            assertThat(READER.read(asked(egress, ingress, "tcp.example:443")))
                    .isEqualTo(new Reading.Absent());
        }
    }

    private static TenantWriter sealing(UnaryOperator<Tenant> shown) {
        return TenantWriter.sealing(KEY, shown, new SecureRandom(), InstantSource.system());
    }

    private static TestFront egress(HttpVersion version) throws Exception {
        return TestFront.of(EnumSet.of(version), 0, ScriptedService.Answer.AT_ONCE);
    }

    /// The request that comes to the egress when a client asks for a tunnel, with a field of its
    /// own.
    private static TunnelRequest asked(TestFront egress, IngressPipeline ingress, String target)
            throws Exception {
        var client = CA.issue(Client.of("seven", SPIFFE_ID), TestFront.PKI.client().anchors());
        var address = ingress.addresses().getFirst();
        try (var raw = RawClient.connect(HttpVersion.H2, address, client)) {
            var tunnel = raw.connect(target, "relay-tenant", ":" + "A".repeat(404) + ":");
            assertThat(tunnel.awaitHead().status()).isEqualTo(200);
            return egress.service().next().request();
        }
    }

    private static IngressPipeline ingress(
            TestFront egress, HttpVersion version, TenantWriter tenants) throws Exception {
        var front =
                FrontSettings.standard(
                        "ingress",
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        ClientCertificates.REQUIRED);
        var upstream = UpstreamSettings.STANDARD.with(Transports.only(version));
        var tls = TestFront.PKI.ingressServer().with(List.of(CA.certificate()), ClientRules.NONE);
        return IngressPipeline.start(
                new IngressPipeline.Parts(
                        1,
                        List.of(front),
                        ListenerTls.same(() -> tls),
                        EgressDirectory.of(
                                List.of(
                                        Egress.at(
                                                new HostPort(
                                                        "localhost", egress.address().getPort())))),
                        new Fleet(FleetSettings.STANDARD, Ticker.systemTicker(), new Random()),
                        upstream,
                        TestFront::clientTls,
                        PassthroughSettings.NONE,
                        tenants,
                        gate(),
                        (_, _) -> PlainResponse.empty(404),
                        new Drain(),
                        new CountingListener()));
    }

    private static SpringGate gate() {
        var mtls = new MutualTlsScheme(CertificateTenant.SPIFFE_OR_CN);
        var admit = new Admit(List.of(Set.of(mtls.name())));
        return new SpringGate(
                new GateRules(List.of(mtls), admit, ProxyChallenge.CONNECT)
                        .chain(ServerHttpSecurity.http(), List.of()));
    }
}
