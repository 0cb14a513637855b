package org.masquerelay.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.channel.EventLoop;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.client.RelayClient;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.egress.resolve.TargetResolver;
import org.masquerelay.egress.source.SourceAddressSelector;
import org.masquerelay.egress.source.Sources;
import org.masquerelay.egress.source.TargetSocketSupplier;
import org.masquerelay.egress.source.TargetSockets;
import org.masquerelay.testkit.RawBindTunnel;
import org.masquerelay.transport.RestingFlows;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.wire.HostPort;
import org.slf4j.LoggerFactory;

/// Beans of an application that throw: each tunnel is refused, and its place given back.
@Timeout(60)
final class FailingBeansTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger(TargetSockets.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        log.list = new CopyOnWriteArrayList<>();
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(log);
    }

    private static final class Broken implements TargetResolver {
        @Override
        public void resolve(String name, EventLoop loop, Consumer<Resolution> then) {
            throw new UnsupportedOperationException(name);
        }

        @Override
        public void close() {}
    }

    private static TestEgress start(
            SourceAddressSelector selector, Optional<TargetSocketSupplier> supplier)
            throws Exception {
        return TestEgress.startWithBeans(
                new Broken(), new Sources(selector, supplier, RestingFlows.NONE, Optional.empty()));
    }

    private static int tcp(RelayClient client, String host) {
        return refused(() -> client.openTcp(new HostPort(host, 9), HeaderFields.NONE));
    }

    private static int udp(RelayClient client, String host) {
        return refused(() -> client.openUdp(new HostPort(host, 9), HeaderFields.NONE));
    }

    private static int refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable opening) {
        return catchThrowableOfType(TunnelRefusedException.class, opening).status();
    }

    @Test
    void refusesTunnelsWhenTheResolverThrows() throws Exception {
        try (var egress = start(Sources.SYSTEM.selector(), Optional.empty());
                var client = egress.connect()) {
            assertThat(tcp(client, "name.test")).isEqualTo(500);
            assertThat(udp(client, "name.test")).isEqualTo(500);
        }
    }

    @Test
    void refusesTunnelsWhenTheSelectorThrows() throws Exception {
        try (var egress =
                        start(
                                (permit, _) -> {
                                    throw new UnsupportedOperationException(
                                            permit.request().toString());
                                },
                                Optional.empty());
                var client = egress.connect();
                var raw = egress.connectRaw()) {
            assertThat(tcp(client, "127.0.0.1")).isEqualTo(500);
            assertThat(udp(client, "127.0.0.1")).isEqualTo(500);
            assertThat(RawBindTunnel.ask(raw).stream().status()).isEqualTo(500);
            assertThat(udp(client, "127.0.0.1")).isEqualTo(500);
        }
        assertThat(log.list)
                .singleElement()
                .extracting(ILoggingEvent::getFormattedMessage)
                .isEqualTo(
                        "Tunnels are refused, as a SourceAddressSelector fails:"
                                + " java.lang.UnsupportedOperationException");
    }

    @Test
    void refusesTunnelsWhenTheSupplierThrows() throws Exception {
        try (var egress =
                        start(
                                Sources.SYSTEM.selector(),
                                Optional.of((_, target, _) -> {
                                    throw new UnsupportedOperationException(target.toString());
                                }));
                var client = egress.connect()) {
            assertThat(tcp(client, "127.0.0.1")).isEqualTo(500);
            assertThat(udp(client, "127.0.0.1")).isEqualTo(500);
        }
        assertThat(log.list).hasSize(1);
    }
}
