package org.masquerelay.egress.config;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.egress.dial.BindSettings;
import org.masquerelay.wire.IpLiteral;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// How the sockets of bind tunnels are opened, where a listener has `udp-bind`.
///
/// @param addresses of this machine to bind to, at most one of IPv4 and one of IPv6; none takes
///   those from which packets to the target, or along the default route, leave
/// @param publicAddresses what clients are told instead, where a translator stands before this
///   machine; it has to keep the ports
/// @param maxContexts that one tunnel has open at a time
public record BindProperties(
        @DefaultValue List<String> addresses,
        @DefaultValue List<String> publicAddresses,
        @DefaultValue("64") @Min(1) @Max(65536) int maxContexts) {
    private static final String ADDRESSES = "relay.egress.bind.addresses";
    private static final String PUBLIC_ADDRESSES = "relay.egress.bind.public-addresses";

    /// The settings, if the addresses are such as clients can be told and sockets be bound to.
    public BindSettings toSettings() {
        var local = parse(ADDRESSES, addresses);
        var told = parse(PUBLIC_ADDRESSES, publicAddresses);
        for (var address : local) {
            checkIsOurs(address);
        }
        if (!local.isEmpty() && !told.isEmpty() && !families(local).equals(families(told))) {
            throw new BadSettingException(
                    PUBLIC_ADDRESSES,
                    "has not the same address families as " + ADDRESSES,
                    "Give one public address for each address that is bound to, or none");
        }
        return new BindSettings(local, told, maxContexts);
    }

    private static List<InetAddress> parse(String property, List<String> texts) {
        var parsed = texts.stream().map(text -> parse(property, text)).toList();
        if (families(parsed).size() < parsed.size()) {
            throw new BadSettingException(
                    property,
                    "has two addresses of one family",
                    "Give at most one IPv4 and one IPv6 address");
        }
        return parsed;
    }

    private static InetAddress parse(String property, String text) {
        return IpLiteral.parse(text)
                .filter(address -> !address.isAnyLocalAddress() && !address.isMulticastAddress())
                .orElseThrow(() ->
                        new BadSettingException(
                                property,
                                "has an entry that is not the IP address of one machine",
                                "Write each as 192.0.2.1 or 2001:db8::1"));
    }

    private static Set<Boolean> families(List<InetAddress> addresses) {
        return addresses.stream()
                .map(address -> address instanceof Inet4Address)
                .collect(Collectors.toUnmodifiableSet());
    }

    private static void checkIsOurs(InetAddress address) {
        try (var _ = new DatagramSocket(new InetSocketAddress(address, 0))) {
            return;
        } catch (IOException _) {
            throw new BadSettingException(
                    ADDRESSES,
                    "has an entry that no socket of this machine can be bound to",
                    "Write addresses of this machine, and those of a translator before it into "
                            + PUBLIC_ADDRESSES);
        }
    }
}
