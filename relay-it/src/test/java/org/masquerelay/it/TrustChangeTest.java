package org.masquerelay.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.client.RelayClient;
import org.masquerelay.client.UdpTunnel;
import org.masquerelay.gate.OpenGate;
import org.masquerelay.http.FrontSettings;
import org.masquerelay.http.FrontSettings.ClientCertificates;
import org.masquerelay.http.ListenerTls;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.ingress.IngressPipeline;
import org.masquerelay.ingress.directory.Egress;
import org.masquerelay.ingress.directory.EgressDirectory;
import org.masquerelay.ingress.fleet.Fleet;
import org.masquerelay.ingress.fleet.FleetSettings;
import org.masquerelay.ingress.passthrough.PassthroughSettings;
import org.masquerelay.ingress.upstream.UpstreamSettings;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.tenant.TenantWriter;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.Drain;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;

/// Connections to the egress are shared only by tunnels of one trust configuration.
@Timeout(60)
final class TrustChangeTest {
    @TempDir Path directory;

    @Test
    void opensANewConnectionWhenTheTrustConfigurationChanges() throws Exception {
        try (var targets = new Targets();
                var hops =
                        TwoHops.start(
                                directory,
                                List.of("--relay.egress.allow-private=true"),
                                List.of())) {
            var pki = DevelopmentPki.open(directory, Clock.systemUTC());
            var trust = new AtomicReference<>(pki.ingressUpstream());
            try (var ingress = IngressPipeline.start(parts(hops.egressPort(), pki, trust));
                    var client = connect(ingress, pki)) {
                var first = client.openUdp(targets.udp(), HeaderFields.NONE);
                assertEchoes(first);
                assertThat(egressConnections(hops)).isEqualTo(1);

                trust.set(withAnotherAnchor(pki));
                assertEchoes(client.openUdp(targets.udp(), HeaderFields.NONE));
                assertThat(egressConnections(hops)).isEqualTo(2);
                assertEchoes(first);

                first.close();
                Await.until(
                        "the connection of before is closed", () -> egressConnections(hops) == 1);
            }
        }
    }

    private static double egressConnections(TwoHops hops) {
        return TwoHops.gauge(hops.egressMeters(), "quic.connections.active", "role", "server");
    }

    private static TlsMaterial withAnotherAnchor(DevelopmentPki pki) {
        var before = pki.ingressUpstream();
        var anchors = new ArrayList<>(before.anchors());
        anchors.addAll(pki.egressServer().anchors());
        return new TlsMaterial(before.key(), before.chain(), anchors);
    }

    private static IngressPipeline.Parts parts(
            int egressPort, DevelopmentPki pki, AtomicReference<TlsMaterial> trust) {
        var front =
                FrontSettings.standard(
                        "ingress",
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        ClientCertificates.IGNORED);
        return new IngressPipeline.Parts(
                1,
                List.of(front),
                ListenerTls.same(pki::ingressServer),
                EgressDirectory.of(List.of(Egress.at(new HostPort("localhost", egressPort)))),
                new Fleet(FleetSettings.STANDARD, Ticker.systemTicker(), new Random()),
                UpstreamSettings.STANDARD,
                trust::get,
                PassthroughSettings.NONE,
                TenantWriter.NONE,
                new OpenGate(),
                (_, _) -> PlainResponse.empty(404),
                new Drain(),
                TunnelListener.SILENT);
    }

    private static RelayClient connect(IngressPipeline ingress, DevelopmentPki pki)
            throws IOException {
        return RelayClient.connect(
                new RelayClient.Settings(
                        new HostPort("127.0.0.1", ingress.addresses().getFirst().getPort()),
                        "localhost",
                        pki.client(),
                        UriTemplate.UDP,
                        Duration.ofSeconds(10)));
    }

    private static void assertEchoes(UdpTunnel tunnel) throws IOException {
        tunnel.send("ping".getBytes(UTF_8));
        assertThat(tunnel.receive(Duration.ofSeconds(5))).isPresent();
    }
}
