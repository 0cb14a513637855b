package org.masquerelay.ingress.config;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotEmpty;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.boot.config.ConnectTcpProperties;
import org.masquerelay.boot.config.ConnectionProperties;
import org.masquerelay.boot.config.Fronts;
import org.masquerelay.boot.config.ListenerProperties;
import org.masquerelay.capsule.CapsulePolicy;
import org.masquerelay.http.ConnectTcp;
import org.masquerelay.http.Transports;
import org.masquerelay.ingress.directory.EgressDirectory;
import org.masquerelay.ingress.fleet.FleetSettings;
import org.masquerelay.ingress.fleet.FleetSettings.Sticky;
import org.masquerelay.ingress.upstream.UpstreamSettings;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.WireFormatException;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// The next hop.
///
/// @param uri where the egress is, as an https origin; `https://localhost:4434` where there are no
///   `uris` either
/// @param uris where several egresses are
/// @param discovery whether the DNS says where egresses are
/// @param sticky what keeps tunnels at one egress
/// @param retry when a tunnel is taken to another egress
/// @param ejection when an egress gets no tunnels for a while
/// @param tlsBundle the SSL bundle with the authorities that sign the egress's certificate and the
///   client certificate that the egress lets in; empty for the development PKI
/// @param udpTemplate the URI template of connect-udp at the egress
/// @param tcpTemplate the URI template of connect-tcp at the egress
/// @param connectTcp the form of connect-tcp that TCP tunnels are asked for in over HTTP/1.1; the
///   newest of the drafts where it is left out
/// @param transports the HTTP versions to reach the egress by, the preferred one first
/// @param headStarts how long after the start each transport but the first comes in; 250 ms and 500
///   ms where it is left out
/// @param exposeNextHop whether clients see in Proxy-Status which address the egress has dialled
/// @param connectTimeout until a connection to the egress is up
/// @param udpIdleTimeout a UDP tunnel without any datagram for so long is ended; longer than at the
///   egress
/// @param tcpIdleTimeout a TCP tunnel without any byte for so long is ended; longer than at the
///   egress
/// @param tenant what the egress hears of the tenant of a tunnel; without a value `opaque` where
///   there is a key, else `none`
/// @param tenantKey the key under which it hears it: 32 bytes in base64, or `file:` and a path;
///   empty for that of development
/// @param opaqueSecret what opaque names are made with, in the same form; empty for one that lasts
///   as long as the process
/// @param pool how connections are shared
/// @param connection windows, limits and timeouts of each QUIC connection
public record UpstreamProperties(
        @Nullable URI uri,
        @DefaultValue List<URI> uris,
        @DefaultValue @Valid DiscoveryProperties discovery,
        @DefaultValue("none") Sticky sticky,
        @DefaultValue @Valid RetryProperties retry,
        @DefaultValue @Valid EjectionProperties ejection,
        @DefaultValue("") String tlsBundle,
        @DefaultValue("/.well-known/masque/udp/{target_host}/{target_port}/") String udpTemplate,
        @DefaultValue("/.well-known/masque/tcp/{target_host}/{target_port}/") String tcpTemplate,
        @Valid @Nullable ConnectTcpProperties connectTcp,
        @DefaultValue("h3") @NotEmpty List<HttpVersion> transports,
        @Nullable List<Duration> headStarts,
        @DefaultValue("false") boolean exposeNextHop,
        @DefaultValue("5s") @DurationMin(millis = 1) Duration connectTimeout,
        @DefaultValue("150s") @DurationMin(seconds = 1) Duration udpIdleTimeout,
        @DefaultValue("130m") @DurationMin(seconds = 1) Duration tcpIdleTimeout,
        @Nullable ShownTenant tenant,
        @DefaultValue("") String tenantKey,
        @DefaultValue("") String opaqueSecret,
        @DefaultValue @Valid Pool pool,
        @DefaultValue @Valid ConnectionProperties connection) {
    private static final int HTTPS_PORT = 443;
    private static final List<Duration> HEAD_STARTS =
            List.of(Duration.ofMillis(250), Duration.ofMillis(500));

    /// What the egress hears of a tenant.
    public enum ShownTenant {
        NONE,
        /// A name that tells tenants apart, and is another one every day.
        OPAQUE,
        ID
    }

    /// How connections to the egress are shared.
    ///
    /// @param pooled false gives every tunnel a connection of its own
    /// @param idleTimeout a connection without tunnels for so long is closed
    /// @param maxStreams tunnels on one connection at a time; 0 leaves it to the egress
    /// @param maxConnections connections per event loop and egress
    /// @param maxTunnelsPerConnectionLifetime after so many tunnels a connection is replaced
    /// @param maxAge after so long a connection is replaced
    public record Pool(
            @DefaultValue("true") boolean pooled,
            @DefaultValue("60s") @DurationMin(millis = 1) Duration idleTimeout,
            @DefaultValue("240") @Min(0) int maxStreams,
            @DefaultValue("16") @Min(1) int maxConnections,
            @DefaultValue("10000") @Min(1) long maxTunnelsPerConnectionLifetime,
            @DefaultValue("1h") @DurationMin(seconds = 1) Duration maxAge) {}

    /// @param drain of the relay, for a connection of a client
    public UpstreamSettings toSettings(CapsulePolicy capsules, Duration drain) {
        return new UpstreamSettings(
                ListenerProperties.template("relay.upstream.udp-template", udpTemplate),
                ListenerProperties.template("relay.upstream.tcp-template", tcpTemplate),
                form(),
                checkedTransports(),
                connectTimeout,
                pool.pooled(),
                pool.idleTimeout(),
                pool.maxStreams(),
                pool.maxConnections(),
                pool.maxTunnelsPerConnectionLifetime(),
                pool.maxAge(),
                udpIdleTimeout,
                tcpIdleTimeout,
                drain,
                exposeNextHop,
                connection.toSettings(),
                capsules);
    }

    public FleetSettings toFleet() {
        return new FleetSettings(sticky, retry.max(), retry.patience(), ejection.toSettings());
    }

    EgressDirectory toDirectory() {
        if (uri != null && !uris.isEmpty()) {
            throw new BadSettingException(
                    "relay.upstream.uris",
                    "names egresses beside that of relay.upstream.uri",
                    "Name all of them in relay.upstream.uris and leave relay.upstream.uri out");
        }
        if (uris.isEmpty()) {
            var one = uri == null ? URI.create("https://localhost:4434") : uri;
            return discovery.toDirectory(List.of(origin("relay.upstream.uri", one)));
        }
        var origins = new ArrayList<HostPort>();
        for (int i = 0; i < uris.size(); i++) {
            origins.add(origin("relay.upstream.uris[" + i + "]", uris.get(i)));
        }
        return discovery.toDirectory(origins);
    }

    /// The capsule types that tunnels to the egress are made of beside DATAGRAM.
    Set<Long> capsuleTypes() {
        return transports.contains(HttpVersion.H1) ? Fronts.capsuleTypes(form()) : Set.of();
    }

    private ConnectTcp.Form form() {
        return connectTcp == null
                ? ConnectTcp.DRAFTS.getFirst()
                : connectTcp.toForm("relay.upstream.connect-tcp");
    }

    private Transports checkedTransports() {
        ListenerProperties.distinct("relay.upstream.transports", transports);
        if (headStarts == null) {
            return Transports.of(transports, HEAD_STARTS);
        }
        if (headStarts.size() >= transports.size()) {
            throw new BadSettingException(
                    "relay.upstream.head-starts",
                    "has more entries than there are transports after the first",
                    "Give at most one for each of relay.upstream.transports but the first");
        }
        if (headStarts.stream().anyMatch(delay -> delay.toMillis() <= 0)) {
            throw new BadSettingException(
                    "relay.upstream.head-starts",
                    "has an entry that is not positive",
                    "Set each to 1ms or more, such as 250ms");
        }
        return Transports.of(transports, headStarts);
    }

    private static HostPort origin(String property, URI uri) {
        String path = uri.getPath() == null ? "" : uri.getPath();
        if (!"https".equals(uri.getScheme()) || uri.getHost() == null || path.length() > 1) {
            throw unusable(property);
        }
        int port = uri.getPort() < 0 ? HTTPS_PORT : uri.getPort();
        String host = uri.getHost().replace("[", "").replace("]", "");
        try {
            return HostPort.of(host, Integer.toString(port));
        } catch (WireFormatException _) {
            throw unusable(property);
        }
    }

    private static BadSettingException unusable(String property) {
        return new BadSettingException(
                property,
                "is not the https origin of an egress",
                "Write it as https://HOST:PORT, such as https://localhost:4434");
    }
}
