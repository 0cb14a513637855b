package org.masquerelay.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoop;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.boot.ops.OperationsConfiguration.Listeners;
import org.masquerelay.boot.ops.RelayLifecycle;
import org.masquerelay.capsule.CapsulePolicy;
import org.masquerelay.capsule.CapsulePolicy.Unknown;
import org.masquerelay.client.RelayClient;
import org.masquerelay.egress.config.EgressProperties;
import org.masquerelay.egress.config.TargetProperties;
import org.masquerelay.egress.policy.TargetRules;
import org.masquerelay.egress.resolve.AddressFamilies;
import org.masquerelay.egress.resolve.ResolverSettings.Trust;
import org.masquerelay.egress.resolve.TargetResolver;
import org.masquerelay.egress.rule.Dscp;
import org.masquerelay.egress.rule.PortRanges;
import org.masquerelay.egress.rule.PortRanges.Range;
import org.masquerelay.egress.source.SourceRules;
import org.masquerelay.egress.source.Sources;
import org.masquerelay.gate.Gate;
import org.masquerelay.gate.SpringGate;
import org.masquerelay.http.FrontSettings;
import org.masquerelay.http.FrontSettings.ClientCertificates;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.testkit.ManagementPort;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

final class EgressStartTest {
    @TempDir static Path home;

    @Test
    void asksForClientCertificatesUnlessToldNotTo() {
        try (var relay = run()) {
            assertThat(certificates(relay)).isEqualTo(ClientCertificates.REQUIRED);
        }
        try (var open = run("relay.egress.clients=any")) {
            assertThat(certificates(open)).isEqualTo(ClientCertificates.IGNORED);
            assertThat(open.getBeanProvider(Gate.class).stream()).isEmpty();
        }
        try (var gated = run("relay.egress.clients=gated")) {
            assertThat(certificates(gated)).isEqualTo(ClientCertificates.WANTED);
            assertThat(gated.getBean(Gate.class)).isInstanceOf(SpringGate.class);
        }
    }

    @Test
    void letsNobodyInWithoutACertificateWhereOnlyRelaysMayEnter() {
        for (var other : new String[] {"none", "want"}) {
            assertThat(failure("relay.listeners[0].client-auth=" + other))
                    .contains(
                            "relay.listeners[0].client-auth lets in who has no certificate although"
                                    + " relay.egress.clients is trusted.");
        }
    }

    @Test
    void checksItsTenantKeys() {
        assertThat(failure("relay.egress.tenant-key=AAAA"))
                .contains("relay.egress.tenant-key[0] has 3 bytes.", "openssl rand -base64 32");
        assertThat(failure("relay.egress.tenant-key=not base64"))
                .contains("relay.egress.tenant-key[0] is not base64.");
        assertThat(failure("relay.egress.tenant-key=file:/no/such/file"))
                .contains("relay.egress.tenant-key[0] cannot be read: there is no file");
        assertThat(failure("relay.egress.max-tunnels-per-tenant=-1"))
                .contains("relay.egress.max-tunnels-per-tenant");
    }

    @Test
    void drainsByItsManagementPort() throws Exception {
        try (var relay = run()) {
            var server = ((WebServerApplicationContext) relay).getWebServer();
            var management = new ManagementPort(Objects.requireNonNull(server).getPort());

            assertThat(management.send("POST", "/actuator/drain", "").body())
                    .contains("\"draining\":true");
            assertThat(management.get("/actuator/health/readiness").statusCode()).isEqualTo(503);
            assertThat(management.get("/actuator/health/liveness").statusCode()).isEqualTo(200);
            assertThat(management.get("/actuator/prometheus").body())
                    .contains("masque_tunnels_active{", "masque_tenant_rejected_total{");
            assertThat(management.get("/").statusCode()).isBetween(401, 404);
            assertThat(management.get("/actuator/env").statusCode()).isBetween(401, 404);
        }
    }

    @Test
    @DisplayName("R2 3.1: UDP tunnels are idle for two minutes at least, unless told otherwise")
    void keepsUdpTunnelsForTwoMinutesUnlessToldNotTo() {
        assertThat(failure("relay.egress.udp-idle-timeout=119s"))
                .contains(
                        "relay.egress.udp-idle-timeout is shorter than the two minutes RFC 9298"
                                + " asks for.");
        try (var relay =
                run("relay.egress.udp-idle-timeout=30s", "relay.egress.allow-sub-rfc-idle=true")) {
            assertThat(relay.isRunning()).isTrue();
        }
    }

    @Test
    void checksItsLimitsAndTimes() {
        assertThat(failure("relay.egress.limits.tenant.bytes-per-second=10B"))
                .contains("relay.egress.limits.tenant.bytes-per-second is out of range.");
        assertThat(failure("relay.egress.limits.tunnel.packets-per-second=-1"))
                .contains("packets-per-second");
        assertThat(failure("relay.egress.limits.tunnel.burst=0s")).contains("burst");
        assertThat(failure("relay.egress.limits.max-tunnels=-1"))
                .contains("relay.egress.limits.max-tunnels");
        var openings = "relay.egress.limits.openings.";
        assertThat(failure(openings + "tunnels=-1")).contains("tunnels");
        assertThat(failure(openings + "tunnels=1", openings + "per=999ms")).contains("per");
        assertThat(failure(openings + "tunnels=1", openings + "timeout=9s")).contains("timeout");
        assertThat(failure(openings + "shared=redis"))
                .contains(
                        openings + "shared is redis although there is no limit to share.",
                        openings + "tunnels");
        assertThat(failure("relay.egress.udp-idle-timeouts[53]=1ms"))
                .contains("relay.egress.udp-idle-timeouts[53] is not a timeout of 1s or more");
        assertThat(failure("relay.egress.udp-idle-timeouts[65536]=30s"))
                .contains("relay.egress.udp-idle-timeouts[65536] is not");
        try (var relay =
                run(
                        "relay.egress.udp-idle-timeouts[53]=30s",
                        "relay.egress.upstream-timeout=0s",
                        "relay.egress.limits.max-tunnels=5",
                        "relay.egress.limits.tunnel.packets-per-second=1000",
                        "relay.egress.limits.tenant.bytes-per-second=10MB")) {
            var egress = relay.getBean(EgressProperties.class).egress();
            assertThat(egress.checkedUdpIdleTimeouts()).containsOnlyKeys(53);
            assertThat(egress.limits().toRates().tunnel().packetsPerSecond()).isEqualTo(1000);
            assertThat(egress.limits().toRates().tenant().bytesPerSecond()).isEqualTo(10 << 20);
        }
    }

    @Test
    void saysInOneSentenceWhatIsWrong() {
        assertThat(failure("relay.egress.clients=some"))
                .contains("relay.egress.clients", "\"some\"", "any", "trusted");
        assertThat(failure("relay.egress.resolver.servers=dns.example"))
                .contains("relay.egress.resolver.servers has an entry that is not the address");
        assertThat(failure("relay.egress.resolver.servers=192.0.2.1:x"))
                .contains("relay.egress.resolver.servers has an entry that is not the address");
        assertThat(
                        failure(
                                "relay.tls.bundle=front",
                                "spring.ssl.bundle.pem.front.keystore.certificate="
                                        + home.resolve("egress.crt"),
                                "spring.ssl.bundle.pem.front.keystore.private-key="
                                        + home.resolve("egress.key")))
                .contains("which holds no certificate of an authority to trust.");
    }

    @Test
    void saysWhereAWrongValueIsSetAndWhichAreAllowed() throws IOException {
        assertThat(failure("relay.egress.clients=some"))
                .contains(
                        "relay.egress.clients cannot be \"some\" (command line).",
                        "Set relay.egress.clients to one of trusted, gated, any.",
                        "docs/CONFIGURATION.md")
                .doesNotContain("Enum", "java.", "org.masquerelay", "\tat ");
        var file =
                Files.writeString(
                        home.resolve("wrong.yml"),
                        """
                        relay:
                          egress:
                            access-log:
                              sample: 5
                            tcp-idle-timeout: 10ms
                        """);
        assertThat(failure("spring.config.additional-location=file:" + file))
                .contains(
                        "relay.egress.access-log.sample must be less than or equal to 1, but it is"
                                + " \"5\" ("
                                + file
                                + ":4).",
                        "Set relay.egress.access-log.sample to a number from 0 to 1.",
                        "relay.egress.tcp-idle-timeout must be longer than or equal to 1 second,"
                                + " but it is \"10ms\" ("
                                + file
                                + ":5).",
                        "Set relay.egress.tcp-idle-timeout to a duration of 1s or more, such as"
                                + " 500ms, 30s or 2h.");
        assertThat(failure("relay.egress.connect-timeout=soon"))
                .contains("relay.egress.connect-timeout cannot be \"soon\" (command line).")
                .contains("to a duration of 1ms or more, such as 500ms, 30s or 2h.");
        assertThat(failure("relay.qlog.events=masque:tunnel_open,packet_lost"))
                .contains("packet_lost\" (command line).")
                .contains("connectivity:connection_closed, transport:packet_dropped, ");
        assertThat(failure("relay.egress.resolver=192.0.2.1"))
                .contains(
                        "relay.egress.resolver cannot be \"192.0.2.1\" (command line).",
                        "Set properties below relay.egress.resolver instead.");
    }

    @Test
    void saysWhichEnvironmentVariableIsWrong() throws Exception {
        assertThat(startWith(78, Map.of("RELAY_EGRESS_ACCESSLOG_SAMPLE", "lots")))
                .contains(
                        "relay.egress.access-log.sample cannot be \"lots\" (environment variable"
                                + " RELAY_EGRESS_ACCESSLOG_SAMPLE).",
                        "Set relay.egress.access-log.sample to a number from 0 to 1.")
                .doesNotContain("\tat ");
        assertThat(startWith(78, Map.of("RELAY_EGRESS_MAXTUNNELSPERCONNECTION", "0")))
                .contains(
                        "relay.egress.max-tunnels-per-connection must be greater than or equal to"
                                + " 1, but it is \"0\" (environment variable"
                                + " RELAY_EGRESS_MAXTUNNELSPERCONNECTION).");
    }

    @Test
    void endsWithTheCodeThatKeepsSupervisorsFromStartingItAgainIfOnlyTheSettingIsWrong()
            throws Exception {
        assertThat(startWith(78, Map.of("RELAY_PROFILE", "harder"))).contains("relay.profile");
        assertThat(startWith(1, Map.of("RELAY_EGRESS_POLICY_FILE", "/no/such/file")))
                .contains("there is no file");
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(startWith(1, Map.of(), "server.port=" + taken.getLocalPort()))
                    .contains(Integer.toString(taken.getLocalPort()));
        }
    }

    @Test
    void namesThePropertyThatAnUnknownOneMayStandFor() throws IOException {
        var file = Files.writeString(home.resolve("a.properties"), "relay.egres.clients=any\n");
        assertThat(
                        failure(
                                "relay.egress.access-log.sampel=1",
                                "relay.listeners[0].udp-bnid=true",
                                "relay.access-log.target=none",
                                "relay.nothing-of-this.kind=x-value",
                                "spring.config.additional-location=file:" + file))
                .contains(
                        "relay.egress.access-log.sampel is no property of this app (command line).",
                        "Did you mean relay.egress.access-log.sample?",
                        "Did you mean relay.listeners[0].udp-bind?",
                        "Did you mean relay.egress.access-log.target?",
                        "Remove relay.nothing-of-this.kind.",
                        "relay.egres.clients is no property of this app (" + file + ":1).",
                        "Did you mean relay.egress.clients?")
                .doesNotContain("x-value", "\tat ");
    }

    @Test
    void checksWhereTunnelsAreToStart() {
        var source = "relay.egress.source.";
        assertThat(failure(source + "ipv4=2001:db8::1"))
                .contains(source + "ipv4 is not an address of this family");
        assertThat(failure(source + "prefix-ipv6=2001:db8::1/48"))
                .contains(source + "prefix-ipv6 is not a block of this family's addresses.");
        assertThat(failure(source + "ipv4=127.0.0.1", source + "prefix-ipv4=127.1.0.0/16"))
                .contains(source + "ipv4 is set beside " + source + "prefix-ipv4.");
        assertThat(failure(source + "ipv4=203.0.113.77"))
                .contains(
                        "relay.egress.source has an address or an interface that no socket of this"
                                + " machine can be bound to.",
                        "ip route add local");
        assertThat(failure(source + "interface=no-such-if0"))
                .contains("relay.egress.source has an address or an interface");
        assertThat(failure(source + "interface=a/b"))
                .contains(source + "interface is not the name of a network interface.");
        assertThat(failure(source + "port-range=60999-10000"))
                .contains(source + "port-range is not a range of ports.");
        assertThat(failure(source + "dscp=af99"))
                .contains(source + "dscp cannot be used: the DSCP is none of");
        assertThat(failure(source + "tenants[0].id=alice"))
                .contains(source + "tenants[0] has neither an address nor a prefix");
        assertThat(failure(source + "ipv4=127.0.0.1", "relay.egress.bind.addresses=127.0.0.2"))
                .contains("relay.egress.bind.addresses is set beside the addresses of");
    }

    @Test
    void takesSourcesOfThisMachineAndBeansInstead() {
        try (var relay =
                run(
                        "relay.egress.source.prefix-ipv4=127.8.0.0/16",
                        "relay.egress.source.interface=lo",
                        "relay.egress.source.tenants[0].id=alice",
                        "relay.egress.source.tenants[0].ipv4=127.9.0.1",
                        "relay.egress.source.dscp=af11")) {
            var sources = relay.getBean(Sources.class);
            assertThat(sources.selector()).isInstanceOf(SourceRules.class);
            assertThat(sources.dscp()).contains(new Dscp(10));
            var meters = relay.getBean(MeterRegistry.class);
            assertThat(meters.get("masque.source.resting").gauge().value()).isZero();
            assertThat(meters.get("masque.source.exhausted").counters()).hasSize(4);
        }
    }

    @Test
    void checksItsResolver() {
        assertThat(failure("relay.egress.resolver.require-authenticated-data=true"))
                .contains(
                        "relay.egress.resolver.require-authenticated-data trusts what DNS servers"
                                + " say of DNSSEC, but those are the system's.");
        assertThat(failure("relay.egress.resolver.cache.min-ttl=6m"))
                .contains(
                        "relay.egress.resolver.cache.min-ttl is longer than"
                                + " relay.egress.resolver.cache.max-ttl.");
        assertThat(failure("relay.egress.connection-attempt-delay=9ms"))
                .contains("relay.egress.connection-attempt-delay");
        assertThat(failure("relay.egress.resolver.addresses=ipv5"))
                .contains("relay.egress.resolver.addresses", "dual-stack", "ipv6-only");
        try (var relay =
                run(
                        "relay.egress.resolver.servers=127.0.0.1",
                        "relay.egress.resolver.require-authenticated-data=true",
                        "relay.egress.resolver.addresses=ipv4-preferred",
                        "relay.egress.resolver.cache.max-entries=0")) {
            var resolver = targets(relay).resolver().toSettings();
            assertThat(resolver.trust()).isEqualTo(Trust.AUTHENTICATED_DATA);
            assertThat(resolver.families()).isEqualTo(AddressFamilies.IPV4_PREFERRED);
            assertThat(resolver.cache().entries()).isZero();
        }
    }

    @Test
    void asksTheResolverOfTheOperatorIfThereIsOne() throws Exception {
        try (var relay =
                        new SpringApplicationBuilder(EgressApp.class)
                                .initializers(OperatorsResolver::register)
                                .run(arguments("relay.egress.allow-private=true"));
                var server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                var client = client(relay);
                var tunnel =
                        client.openTcp(
                                new HostPort("only.here.test", server.getLocalPort()),
                                HeaderFields.NONE);
                var socket = server.accept()) {
            socket.getOutputStream().write(7);
            assertThat(tunnel.input().read()).isEqualTo(7);
        }
    }

    // Whoever reaches the management port drains the relay.
    @Test
    void letsNobodyReachItsManagementPort() throws Exception {
        try (var relay = run("relay.egress.allow-private=true");
                var client = client(relay)) {
            var port =
                    relay.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
            for (var name : new String[] {"127.0.0.1", "127.1.2.3", "localhost"}) {
                assertThatThrownBy(
                                () -> client.openTcp(new HostPort(name, port), HeaderFields.NONE))
                        .as(name)
                        .hasMessageContaining("proxy_loop_detected");
            }
        }
    }

    private RelayClient client(ConfigurableApplicationContext relay) throws IOException {
        return RelayClient.connect(
                new RelayClient.Settings(
                        new HostPort(
                                "127.0.0.1",
                                relay.getBean(RelayLifecycle.class)
                                        .addresses()
                                        .getFirst()
                                        .getPort()),
                        "localhost",
                        DevelopmentPki.open(home, Clock.systemUTC()).ingressUpstream(),
                        UriTemplate.UDP,
                        Duration.ofSeconds(10)));
    }

    /// Knows one name.
    private static final class OperatorsResolver implements TargetResolver {
        static void register(ConfigurableApplicationContext context) {
            ((GenericApplicationContext) context)
                    .registerBean(TargetResolver.class, OperatorsResolver::new);
        }

        @Override
        public void resolve(String name, EventLoop loop, Consumer<Resolution> then) {
            assertThat(name).isEqualTo("only.here.test");
            then.accept(new Resolution.Found(List.of(InetAddress.getLoopbackAddress())));
        }

        @Override
        public void close() {}
    }

    @Test
    void deniesPortsUnlessToldNotTo() {
        try (var relay = run()) {
            assertThat(relay.getBean(TargetRules.class).deniedPorts())
                    .isEqualTo(
                            PortRanges.of(
                                    Set.of(
                                            0, 19, 25, 123, 161, 162, 179, 1900, 3283, 5353,
                                            11211)));
        }
        try (var relay = run("relay.egress.denied-ports=", "relay.egress.allow-private=true")) {
            assertThat(relay.getBean(TargetRules.class).deniedPorts().isEmpty()).isTrue();
        }
        try (var relay = run("relay.egress.denied-ports=1-1023,5353")) {
            assertThat(relay.getBean(TargetRules.class).deniedPorts().ranges())
                    .containsExactly(new Range(1, 1023), new Range(5353, 5353));
        }
        for (var wrong : new String[] {"65536", "443-80", "80-", "smtp"}) {
            assertThat(failure("relay.egress.denied-ports=" + wrong))
                    .contains("relay.egress.denied-ports cannot be used: ", "65535");
        }
    }

    @Test
    void checksItsRulesAndItsPolicyFile() throws Exception {
        assertThat(failure("relay.egress.targets.allow[0]=tcp *.example.com 443-80"))
                .contains(
                        "relay.egress.targets.allow[0] cannot be used: a range of ports runs"
                                + " backwards.");
        assertThat(failure("relay.egress.targets.deny=10.0.0.0/8,10.0.0.0/33"))
                .contains("relay.egress.targets.deny[1] cannot be used: the prefix is longer");
        assertThat(failure("relay.egress.policy.file="))
                .contains("relay.egress.policy.file is empty.");
        assertThat(failure("relay.egress.policy.file=/no/such/file"))
                .contains("relay.egress.policy.file names a file that cannot be used: there is no");
        var file = Files.writeString(home.resolve("policy"), "a udp 8.8.8.8 53\n* udp * *\n");
        assertThat(failure("relay.egress.policy.file=" + file))
                .contains(
                        "relay.egress.policy.file names a file that cannot be used: line 2: a * in"
                                + " the tenant would be a rule for others too");
    }

    @Test
    void bindsNothingButAddressesOfThisMachine() {
        try (var relay =
                run(
                        "relay.egress.bind.addresses=127.0.0.1,::1",
                        "relay.egress.bind.public-addresses=192.0.2.1,2001:db8::1",
                        "relay.egress.bind.max-contexts=7")) {
            var bind = targets(relay).bind().toSettings();
            assertThat(bind.addresses()).hasSize(2);
            assertThat(bind.publicAddresses()).hasSize(2);
            assertThat(bind.maxContexts()).isEqualTo(7);
        }
        assertThat(failure("relay.egress.bind.addresses=192.0.2.1"))
                .contains(
                        "relay.egress.bind.addresses has an entry that no socket of this machine"
                                + " can be bound to.");
        assertThat(failure("relay.egress.bind.addresses=127.0.0.1,127.0.0.2"))
                .contains("relay.egress.bind.addresses has two addresses of one family.");
        for (var wrong : new String[] {"relay.example", "0.0.0.0", "::", "224.0.0.1", "1.2.3"}) {
            assertThat(failure("relay.egress.bind.public-addresses=" + wrong))
                    .contains(
                            "relay.egress.bind.public-addresses has an entry that is not the IP"
                                    + " address of one machine.");
        }
        assertThat(
                        failure(
                                "relay.egress.bind.addresses=127.0.0.1",
                                "relay.egress.bind.public-addresses=2001:db8::1"))
                .contains("relay.egress.bind.public-addresses has not the same address families");
        assertThat(failure("relay.egress.bind.max-contexts=0"))
                .contains("relay.egress.bind.max-contexts");
    }

    private static TargetProperties targets(ConfigurableApplicationContext relay) {
        return relay.getBean(EgressProperties.class).egress();
    }

    @Test
    @DisplayName("R5 9209 2: the identifier in Proxy-Status is a setting")
    void isCalledWhatItIsToldTo() {
        try (var relay = run("relay.identifier=edge-7.example")) {
            assertThat(front(relay).identifier()).isEqualTo("edge-7.example");
        }
        assertThat(failure("relay.identifier=")).contains("relay.identifier");
    }

    @Test
    void leavesUnknownCapsulesOutUnlessHardened() {
        try (var standard = run()) {
            assertThat(front(standard).capsules()).isEqualTo(CapsulePolicy.STANDARD);
        }
        try (var hardened = run("relay.profile=hardened")) {
            assertThat(front(hardened).capsules())
                    .isEqualTo(CapsulePolicy.STANDARD.with(Unknown.REJECT));
        }
    }

    @Test
    void checksItsListenersAndCapsules() {
        assertThat(failure("relay.capsules.unknown=reject", "relay.capsules.allowed=0x2a"))
                .contains(
                        "relay.capsules.allowed lacks the capsule types 0x00, 0x2028d7f0,"
                                + " 0x2028d7f1, 0x2028d7f2, 0x2028d7f3 of the protocols that are"
                                + " enabled.");
        assertThat(failure("relay.listeners[1].port=0"))
                .contains("relay.listeners[1].name is that of relay.listeners[0] too.");
        assertThat(failure("relay.listeners[0].versions=h1,h1"))
                .contains("relay.listeners[0].versions names h1 twice.");
    }

    private static FrontSettings front(ConfigurableApplicationContext relay) {
        return relay.getBean(Listeners.class).fronts().getFirst();
    }

    private static ClientCertificates certificates(ConfigurableApplicationContext relay) {
        return front(relay).clientCertificates();
    }

    @Test
    void keepsItsDefaultsBesideAFileInThePlaceOfItsOwn() throws IOException {
        var own = Files.writeString(home.resolve("own.yml"), "management.info.java.enabled: false");
        try (var app = run("spring.config.location=file:" + own)) {
            var settings = app.getEnvironment();
            assertThat(settings.getProperty("server.address")).isEqualTo("127.0.0.1");
            assertThat(settings.getProperty("management.endpoints.web.exposure.include"))
                    .isEqualTo("health,prometheus,drain,info");
            assertThat(settings.getProperty("management.health.redis.enabled")).isEqualTo("false");
            assertThat(settings.getProperty("management.info.java.enabled")).isEqualTo("false");
        }
    }

    private static ConfigurableApplicationContext run(String... settings) {
        return new SpringApplicationBuilder(EgressApp.class).run(arguments(settings));
    }

    private static String[] arguments(String... settings) {
        var all = new LinkedHashMap<String, String>();
        all.put("server.port", "0");
        all.put("relay.listeners[0].port", "0");
        all.put("relay.event-loops", "1");
        all.put("relay.drain.timeout", "0s");
        all.put("relay.development.directory", home.toString());
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            all.put(setting.substring(0, equals), setting.substring(equals + 1));
        }
        return all.entrySet().stream().map(setting -> "--" + setting).toArray(String[]::new);
    }

    /// What a process of its own prints that has these environment variables and does not start.
    private static String startWith(int exitCode, Map<String, String> variables, String... settings)
            throws Exception {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(EgressApp.class.getName());
        command.addAll(List.of(arguments(settings)));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(variables);
        var process = builder.start();
        try {
            var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).isEqualTo(exitCode);
            return text;
        } finally {
            process.destroyForcibly();
        }
    }

    /// What an operator reads on the console when the app does not start.
    private static String failure(String... settings) {
        var console = System.out;
        var text = new ByteArrayOutputStream();
        System.setOut(new PrintStream(text, true, StandardCharsets.UTF_8));
        try {
            assertThatThrownBy(() -> run(settings).close()).isInstanceOf(Exception.class);
        } finally {
            System.setOut(console);
        }
        return text.toString(StandardCharsets.UTF_8);
    }
}
