package org.masquerelay.egress;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.masquerelay.client.RelayClient;
import org.masquerelay.egress.access.AccessLog;
import org.masquerelay.egress.dial.BindSettings;
import org.masquerelay.egress.entry.EntryLimits;
import org.masquerelay.egress.entry.EntryRules;
import org.masquerelay.egress.limit.RateSettings;
import org.masquerelay.egress.opening.Openings;
import org.masquerelay.egress.policy.OwnListeners;
import org.masquerelay.egress.policy.TargetRules;
import org.masquerelay.egress.resolve.AddressFamilies;
import org.masquerelay.egress.resolve.ResolverSettings;
import org.masquerelay.egress.resolve.TargetResolver;
import org.masquerelay.egress.source.Sources;
import org.masquerelay.gate.OpenGate;
import org.masquerelay.http.FrontSettings;
import org.masquerelay.http.FrontSettings.ClientCertificates;
import org.masquerelay.http.ListenerTls;
import org.masquerelay.http.Offer;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.tenant.TenantReader;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.CountingListener;
import org.masquerelay.testkit.RawClient;
import org.masquerelay.testkit.RawH3Client;
import org.masquerelay.testkit.Wire;
import org.masquerelay.transport.ConnectionSettings;
import org.masquerelay.tunnel.Drain;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;

/// A real egress on loopback.
final class TestEgress implements AutoCloseable {
    static final Duration ATTEMPT_DELAY = Duration.ofMillis(250);

    /// Contexts that a bind tunnel may have open.
    static final int MAX_CONTEXTS = 3;

    static final BindSettings LOOPBACK_BIND =
            new BindSettings(
                    List.of(InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("::1")),
                    List.of(),
                    MAX_CONTEXTS);

    static final EgressTimes TIMES =
            new EgressTimes(
                    Duration.ofMinutes(2),
                    Map.of(),
                    Duration.ofMinutes(10),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(10));

    /// Targets of the tests are on loopback.
    static final EgressSettings PRIVATE_TARGETS = settings(true, List.of());

    private static final DevelopmentPki PKI = newPki();

    /// Everybody is a relay and nobody a tenant.
    private static final EntryRules ENTRY =
            new EntryRules(
                    _ -> true,
                    new OpenGate(),
                    new TenantReader(List.of(), InstantSource.system()),
                    false,
                    EntryLimits.NONE);

    private final CountingListener listener = new CountingListener();
    private final Drain drain = new Drain();
    private final EgressPipeline pipeline;

    private TestEgress(EgressSettings settings, Offer offer, EntryRules entry, Sources sources)
            throws IOException {
        this(settings, offer, entry, sources, Optional.empty());
    }

    private TestEgress(
            EgressSettings settings,
            Offer offer,
            EntryRules entry,
            Sources sources,
            Optional<TargetResolver> resolver)
            throws IOException {
        var front =
                FrontSettings.standard(
                                "egress",
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                ClientCertificates.REQUIRED)
                        .with(offer);
        pipeline =
                EgressPipeline.start(
                        new EgressPipeline.Parts(
                                1,
                                List.of(front),
                                ListenerTls.same(PKI::egressServer),
                                settings,
                                entry,
                                sources,
                                (_, _) -> PlainResponse.empty(404),
                                resolver,
                                drain,
                                listener,
                                AccessLog.OFF,
                                new OwnListeners()));
    }

    private static DevelopmentPki newPki() {
        try {
            return DevelopmentPki.open(Files.createTempDirectory("pki"), Clock.systemUTC());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    static EgressSettings settings(boolean allowPrivate, List<InetSocketAddress> nameServers) {
        return settings(new TargetRules(allowPrivate, Set.of()), nameServers, LOOPBACK_BIND);
    }

    static EgressSettings settings(
            TargetRules targets, List<InetSocketAddress> nameServers, BindSettings bind) {
        return new EgressSettings(
                targets,
                resolver(nameServers),
                Duration.ofSeconds(2),
                ATTEMPT_DELAY,
                TIMES,
                bind,
                RateSettings.NONE);
    }

    static EgressSettings limited(RateSettings rates) {
        return settings(TIMES, rates);
    }

    static EgressSettings timed(EgressTimes times) {
        return settings(times, RateSettings.NONE);
    }

    /// With a client's connection that is lost draining so long.
    static EgressSettings drainingFor(Duration drain) {
        return timed(
                new EgressTimes(
                        TIMES.udpIdle(),
                        Map.of(),
                        Duration.ofMinutes(2),
                        Duration.ofMinutes(2),
                        drain));
    }

    private static EgressSettings settings(EgressTimes times, RateSettings rates) {
        return new EgressSettings(
                new TargetRules(true, Set.of()),
                resolver(List.of()),
                Duration.ofSeconds(2),
                ATTEMPT_DELAY,
                times,
                LOOPBACK_BIND,
                rates);
    }

    /// Remembers nothing, so that a test sees every query.
    static ResolverSettings resolver(List<InetSocketAddress> nameServers) {
        return new ResolverSettings(
                nameServers,
                new ResolverSettings.Times(
                        Duration.ofMillis(500), Duration.ofMillis(500), Duration.ofMillis(50)),
                AddressFamilies.DUAL_STACK,
                ResolverSettings.Trust.ANY_ANSWER,
                ResolverSettings.Cache.NONE);
    }

    /// With everything else as most tests have it.
    static EgressSettings settings(boolean allowPrivate, ResolverSettings resolver) {
        return new EgressSettings(
                new TargetRules(allowPrivate, Set.of()),
                resolver,
                Duration.ofSeconds(2),
                ATTEMPT_DELAY,
                TIMES,
                LOOPBACK_BIND,
                RateSettings.NONE);
    }

    static EgressSettings idleAfter(Duration idle) {
        return new EgressSettings(
                new TargetRules(true, Set.of()),
                resolver(List.of()),
                Duration.ofSeconds(2),
                ATTEMPT_DELAY,
                new EgressTimes(idle, Map.of(), idle, idle, idle),
                LOOPBACK_BIND,
                RateSettings.NONE);
    }

    static TestEgress start(EgressSettings settings) throws IOException {
        return start(settings, Sources.SYSTEM);
    }

    static TestEgress start(EgressSettings settings, Sources sources) throws IOException {
        return new TestEgress(settings, Offer.STANDARD, ENTRY, sources);
    }

    /// With so many tunnels at a time.
    static TestEgress startWithAtMost(int tunnels) throws IOException {
        return new TestEgress(PRIVATE_TARGETS, Offer.STANDARD, atMost(tunnels), Sources.SYSTEM);
    }

    private static EntryRules atMost(int tunnels) {
        return new EntryRules(
                ENTRY.relays(),
                ENTRY.gate(),
                ENTRY.tenants(),
                false,
                new EntryLimits(tunnels, 0, Openings.UNLIMITED));
    }

    /// With the beans of an application, and one tunnel at a time.
    static TestEgress startWithBeans(TargetResolver resolver, Sources sources) throws IOException {
        var plain = Offer.STANDARD;
        return new TestEgress(
                PRIVATE_TARGETS,
                new Offer(plain.udpTemplates(), plain.connectTcp(), true, plain.authorities()),
                atMost(1),
                sources,
                Optional.of(resolver));
    }

    /// With a listener that offers bind.
    static TestEgress startWithBind(EgressSettings settings) throws IOException {
        var plain = Offer.STANDARD;
        return new TestEgress(
                settings,
                new Offer(plain.udpTemplates(), plain.connectTcp(), true, plain.authorities()),
                ENTRY,
                Sources.SYSTEM);
    }

    RelayClient connect() throws IOException {
        return RelayClient.connect(
                new RelayClient.Settings(
                        new HostPort("127.0.0.1", address().getPort()),
                        "localhost",
                        PKI.ingressUpstream(),
                        UriTemplate.UDP,
                        Duration.ofSeconds(5)));
    }

    RawH3Client connectRaw() throws IOException {
        return RawH3Client.connect(address(), PKI.ingressUpstream());
    }

    RawH3Client connectRaw(ConnectionSettings connection) throws IOException {
        return RawH3Client.connect(
                address(), PKI.ingressUpstream(), connection, RawH3Client.datagramSettings());
    }

    /// Requests over `version`.
    Wire wire(HttpVersion version) {
        return Wire.to(version, address(), PKI.ingressUpstream());
    }

    RawClient connect(HttpVersion version) throws IOException {
        return RawClient.connect(version, address(), PKI.ingressUpstream());
    }

    InetSocketAddress address() {
        return pipeline.addresses().getFirst();
    }

    CountingListener listener() {
        return listener;
    }

    Drain drain() {
        return drain;
    }

    int activeTunnels() {
        return pipeline.activeTunnels();
    }

    void awaitNoTunnel() {
        Await.until("no tunnel is open", () -> pipeline.activeTunnels() == 0);
    }

    @Override
    public void close() {
        pipeline.close();
    }
}
