package org.masquerelay.boot.config;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.masquerelay.capsule.CapsulePolicy;
import org.masquerelay.http.ConnectTcp;
import org.masquerelay.http.FrontSettings;
import org.masquerelay.http.FrontSettings.ClientCertificates;
import org.masquerelay.http.Offer;
import org.masquerelay.transport.TlsProvider;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.UriTemplate;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// One listener.
///
/// @param name the `listener` tag of meters
/// @param address the IP address to listen on; `*` for all of the machine
/// @param port the UDP and TCP port to listen on; 0 takes a free one
/// @param versions the HTTP versions spoken: h3 on UDP, h2 and h1 on TCP
/// @param authorities the host names requests may be for; none allows all
/// @param udpTemplates URI templates of connect-udp, each with target_host and target_port
/// @param tcpTemplates URI templates of connect-tcp, each with target_host and target_port
/// @param connectTcp the forms of connect-tcp that are spoken; none takes those of the drafts
/// @param udpBind whether one UDP tunnel may talk to many peers
/// @param tlsProvider whose code does TLS over TCP
/// @param clientAuth whether clients are asked for a certificate; without a value what the app
///   needs
/// @param clientTrust the authorities that sign clients' certificates: `file:` and a path to PEM,
///   or the name of an SSL bundle; empty for the trust store of `relay.tls.bundle`
/// @param clientCrl files with lists of revoked certificates, in PEM or DER
/// @param clientDirectlySigned whether one of these authorities itself has to have signed a
///   client's certificate
/// @param maxConnections connections of the listener at a time, on each of UDP and TCP
/// @param maxConnectionsPerAddress the same for one client address
/// @param limits what a request may look like, and how long a client may take
/// @param connection windows, limits and timeouts of each QUIC and HTTP/2 connection
public record ListenerProperties(
        @DefaultValue("main") @Pattern(regexp = "[a-z0-9-]{1,32}") String name,
        @DefaultValue("*") String address,
        @NotNull @Min(0) @Max(65535) Integer port,
        @DefaultValue({"h3", "h2", "h1"}) @NotEmpty List<HttpVersion> versions,
        @DefaultValue List<String> authorities,
        @DefaultValue("/.well-known/masque/udp/{target_host}/{target_port}/") @NotEmpty
                List<String> udpTemplates,
        @DefaultValue("/.well-known/masque/tcp/{target_host}/{target_port}/")
                List<String> tcpTemplates,
        @DefaultValue List<@Valid ConnectTcpProperties> connectTcp,
        @DefaultValue("false") boolean udpBind,
        @DefaultValue("auto") TlsProvider tlsProvider,
        @Nullable ClientAuth clientAuth,
        @DefaultValue("") String clientTrust,
        @DefaultValue List<String> clientCrl,
        @DefaultValue("false") boolean clientDirectlySigned,
        @DefaultValue("10000") @Min(1) int maxConnections,
        @DefaultValue("1000") @Min(1) int maxConnectionsPerAddress,
        @DefaultValue @Valid LimitProperties limits,
        @DefaultValue @Valid ConnectionProperties connection) {
    private static final Set<String> UDP_VARIABLES = Set.of("target_host", "target_port");

    /// So many requests beside tunnels may wait on a connection: refused ones and token requests.
    private static final int SPARE_STREAMS = 256;

    /// What the front needs; `property` is where this listener is configured, and
    /// `clientCertificates` counts where `client-auth` is left out.
    FrontSettings toFront(
            String property,
            String identifier,
            int maxTunnelsPerConnection,
            CapsulePolicy capsules,
            ClientCertificates clientCertificates) {
        return new FrontSettings(
                name,
                identifier,
                new InetSocketAddress(inetAddress(property + ".address"), port),
                distinct(property + ".versions", versions),
                new Offer(
                        templates(property + ".udp-templates", udpTemplates),
                        new ConnectTcp(
                                templates(property + ".tcp-templates", tcpTemplates),
                                forms(property)),
                        udpBind,
                        lowerCase(authorities)),
                limits.toLimits(property + ".limits")
                        .withTunnels(maxTunnelsPerConnection)
                        .withConnections(maxConnections, maxConnectionsPerAddress),
                connection
                        .toSettings()
                        .withMaxStreams((long) maxTunnelsPerConnection + SPARE_STREAMS),
                capsules,
                clientAuth == null ? clientCertificates : clientAuth.certificates(),
                tlsProvider);
    }

    /// Whether something is said about client certificates beside whether they are asked for.
    boolean judgesClients() {
        return !clientTrust.isEmpty() || !clientCrl.isEmpty() || clientDirectlySigned;
    }

    List<ConnectTcp.Form> forms(String property) {
        return ConnectTcpProperties.toForms(property + ".connect-tcp", connectTcp);
    }

    /// `versions`, or one sentence about the one that is in it twice.
    public static Set<HttpVersion> distinct(String property, List<HttpVersion> versions) {
        var distinct = EnumSet.noneOf(HttpVersion.class);
        for (var version : versions) {
            if (!distinct.add(version)) {
                throw new BadSettingException(
                        property,
                        "names " + version.tag() + " twice",
                        "Name each of h3, h2 and h1 at most once");
            }
        }
        return distinct;
    }

    private static Set<String> lowerCase(List<String> names) {
        return names.stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .collect(Collectors.toUnmodifiableSet());
    }

    private InetAddress inetAddress(String property) {
        try {
            return InetAddress.ofLiteral(address.equals("*") ? "::" : address);
        } catch (IllegalArgumentException _) {
            throw new BadSettingException(
                    property,
                    "is not an IP address",
                    "Set it to an IPv4 or IPv6 address of this machine, or to \"*\" for all");
        }
    }

    private static List<UriTemplate> templates(String property, List<String> texts) {
        return texts.stream().map(text -> template(property, text)).toList();
    }

    /// A template of connect-udp or connect-tcp, or one sentence about what is wrong with it.
    public static UriTemplate template(String property, String text) {
        try {
            return UriTemplate.parse(text, UDP_VARIABLES);
        } catch (IllegalArgumentException e) {
            throw new BadSettingException(
                    property,
                    "has a template that cannot be used: " + e.getMessage(),
                    "Write one such as /.well-known/masque/udp/{target_host}/{target_port}/");
        }
    }
}
