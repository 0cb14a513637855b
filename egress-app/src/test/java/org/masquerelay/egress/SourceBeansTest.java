package org.masquerelay.egress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.boot.ops.RelayLifecycle;
import org.masquerelay.client.RelayClient;
import org.masquerelay.egress.source.SourceAddressSelector;
import org.masquerelay.egress.source.TargetSocketSupplier;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.transport.SourceAddress;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// Beans of an application that say where tunnels start, or bring their sockets.
@Timeout(120)
final class SourceBeansTest {
    private static final InetAddress SELECTED = InetAddress.ofLiteral("127.67.0.1");
    private static final InetAddress SUPPLIED = InetAddress.ofLiteral("127.67.0.2");

    @TempDir Path directory;

    @Configuration(proxyBeanMethods = false)
    static class Selecting {
        @Bean
        SourceAddressSelector selector() {
            return (permit, family) ->
                    permit.request().kind() == TunnelKind.UDP
                                    && family == StandardProtocolFamily.INET
                            ? SourceAddress.of(SELECTED)
                            : SourceAddress.SYSTEM;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Supplying {
        @Bean
        TargetSocketSupplier supplier() {
            return (_, target, loop) ->
                    Optional.of(
                            new Bootstrap()
                                    .group(loop)
                                    .channel(EventLoops.datagramChannel())
                                    .option(ChannelOption.AUTO_READ, false)
                                    .handler(new ChannelInboundHandlerAdapter())
                                    .connect(target, new InetSocketAddress(SUPPLIED, 0)));
        }
    }

    @Test
    void startsWhereABeanSays() throws Exception {
        assertThat(sourceSeenWith(Selecting.class)).isEqualTo(SELECTED);
    }

    @Test
    void usesTheSocketsOfABean() throws Exception {
        assertThat(sourceSeenWith(Supplying.class)).isEqualTo(SUPPLIED);
    }

    private InetAddress sourceSeenWith(Class<?> beans) throws Exception {
        try (var relay =
                        new SpringApplicationBuilder(EgressApp.class, beans)
                                .run(
                                        "--server.port=0",
                                        "--spring.jmx.enabled=false",
                                        "--relay.development.directory=" + directory,
                                        "--relay.listeners[0].address=127.0.0.1",
                                        "--relay.listeners[0].port=0",
                                        "--relay.egress.clients=any",
                                        "--relay.egress.allow-private=true");
                var client = connect(relay.getBean(RelayLifecycle.class).addresses().getFirst());
                var target = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"));
                var tunnel =
                        client.openUdp(
                                new HostPort("127.0.0.1", target.getLocalPort()),
                                HeaderFields.NONE)) {
            target.setSoTimeout(10_000);
            tunnel.send("hello".getBytes(UTF_8));
            var packet = new DatagramPacket(new byte[100], 100);
            target.receive(packet);
            target.send(packet);
            assertThat(tunnel.receive(Duration.ofSeconds(10))).isPresent();
            return packet.getAddress();
        }
    }

    private RelayClient connect(InetSocketAddress egress) throws Exception {
        return RelayClient.connect(
                new RelayClient.Settings(
                        new HostPort("127.0.0.1", egress.getPort()),
                        "localhost",
                        DevelopmentPki.open(directory, Clock.systemUTC()).client(),
                        UriTemplate.UDP,
                        Duration.ofSeconds(20)));
    }
}
