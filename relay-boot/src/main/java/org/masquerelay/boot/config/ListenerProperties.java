package org.masquerelay.boot.config;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import org.masquerelay.http.FrontSettings;
import org.masquerelay.http.FrontSettings.ClientCertificates;
import org.masquerelay.wire.UriTemplate;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// One HTTP/3 listener.
///
/// @param name the `listener` tag of meters
/// @param address the IP address to listen on; `*` for all of the machine
/// @param port the UDP port to listen on; 0 takes a free one
/// @param udpTemplates URI templates of connect-udp, each with target_host and target_port
/// @param maxConnections QUIC connections of the listener at a time
/// @param connection windows, limits and timeouts of each QUIC connection
public record ListenerProperties(
        @DefaultValue("h3") @Pattern(regexp = "[a-z0-9-]{1,32}") String name,
        @DefaultValue("*") String address,
        @NotNull @Min(0) @Max(65535) Integer port,
        @DefaultValue("/.well-known/masque/udp/{target_host}/{target_port}/") @NotEmpty
                List<String> udpTemplates,
        @DefaultValue("10000") @Min(1) int maxConnections,
        @DefaultValue @Valid ConnectionProperties connection) {
    private static final Set<String> UDP_VARIABLES = Set.of("target_host", "target_port");

    /// So many requests beside tunnels may wait on a connection: refused ones and token requests.
    private static final int SPARE_STREAMS = 256;

    /// What the front needs; `property` is where this listener is configured.
    public FrontSettings toFront(
            String property,
            String identifier,
            int maxTunnelsPerConnection,
            ClientCertificates clientCertificates) {
        return new FrontSettings(
                name,
                identifier,
                new InetSocketAddress(inetAddress(property + ".address"), port),
                templates(property + ".udp-templates"),
                maxTunnelsPerConnection,
                maxConnections,
                connection
                        .toSettings()
                        .withMaxStreams((long) maxTunnelsPerConnection + SPARE_STREAMS),
                clientCertificates);
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

    private List<UriTemplate> templates(String property) {
        return udpTemplates.stream().map(text -> template(property, text)).toList();
    }

    /// A template of connect-udp, or one sentence about what is wrong with it.
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
