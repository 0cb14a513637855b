package org.masquerelay.egress.config;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.egress.rule.Dscp;
import org.masquerelay.egress.rule.RuleFormatException;
import org.masquerelay.egress.source.AddressPool;
import org.masquerelay.egress.source.SourceRule;
import org.masquerelay.transport.SourceAddress;
import org.masquerelay.transport.SourcePorts;
import org.masquerelay.tunnel.Tenant;
import org.masquerelay.wire.IpLiteral;
import org.masquerelay.wire.IpPrefix;
import org.masquerelay.wire.WireFormatException;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.Name;

/// From which addresses of this machine tunnels reach their targets. What is left empty is as the
/// system has it.
///
/// @param ipv4 the address to reach IPv4 targets from
/// @param ipv6 the address to reach IPv6 targets from
/// @param prefixIpv4 instead, a block to draw one from for each tunnel
/// @param prefixIpv6 the same for IPv6
/// @param networkInterface the interface to use, alone or with addresses; property `interface`
/// @param portRange such as `10000-60999`
/// @param dscp what packets to targets are marked with, unless the policy file says otherwise
/// @param rest how long a UDP source is not used again for the same target; none takes twice the
///   idle timeout of UDP tunnels
/// @param maxResting how many rest at a time; further ones do not rest
/// @param tenants whose tunnels start elsewhere
public record SourceProperties(
        @DefaultValue("") String ipv4,
        @DefaultValue("") String ipv6,
        @DefaultValue("") String prefixIpv4,
        @DefaultValue("") String prefixIpv6,
        @Name("interface") @DefaultValue("") String networkInterface,
        @DefaultValue("") String portRange,
        @DefaultValue("") String dscp,
        @Nullable @DurationMin(millis = 0) Duration rest,
        @DefaultValue("500000") @Min(0) int maxResting,
        @DefaultValue List<@Valid OfTenant> tenants) {
    private static final String ROOT = "relay.egress.source";

    /// Where the tunnels of one tenant start; what is left empty is as for all others.
    ///
    /// @param id as the relay or the scheme names the tenant
    public record OfTenant(
            @DefaultValue("") String id,
            @DefaultValue("") String ipv4,
            @DefaultValue("") String ipv6,
            @DefaultValue("") String prefixIpv4,
            @DefaultValue("") String prefixIpv6,
            @Name("interface") @DefaultValue("") String networkInterface) {
        SourceRule rule(String at) {
            return new SourceRule(
                    pool(at, "ipv4", ipv4, prefixIpv4),
                    pool(at, "ipv6", ipv6, prefixIpv6),
                    networkInterfaceOf(at, networkInterface),
                    Optional.empty());
        }
    }

    /// Where the tunnels of nobody, and of all tenants that are not listed, start.
    SourceRule standard() {
        return new SourceRule(
                pool(ROOT, "ipv4", ipv4, prefixIpv4),
                pool(ROOT, "ipv6", ipv6, prefixIpv6),
                networkInterfaceOf(ROOT, networkInterface),
                ports());
    }

    /// Where the tunnels of the listed tenants start.
    Map<Tenant, SourceRule> rulesOfTenants() {
        var standard = standard();
        var rules = new LinkedHashMap<Tenant, SourceRule>();
        for (int i = 0; i < tenants.size(); i++) {
            var at = ROOT + ".tenants[" + i + "]";
            var tenant = tenants.get(i);
            if (!Tenant.isValid(tenant.id())) {
                throw new BadSettingException(
                        at + ".id",
                        "is not the name of a tenant",
                        "Write 1 to 256 printable ASCII characters without spaces");
            }
            var rule = tenant.rule(at);
            if (rule.equals(SourceRule.SYSTEM)) {
                throw new BadSettingException(
                        at,
                        "has neither an address nor a prefix nor an interface",
                        "Say where its tunnels start, or leave the tenant out");
            }
            if (rules.put(new Tenant(tenant.id()), rule.orElse(standard)) != null) {
                throw new BadSettingException(
                        at + ".id", "is there twice", "List each tenant once");
            }
        }
        return rules;
    }

    Optional<Dscp> markedWith() {
        try {
            return dscp.isEmpty() ? Optional.empty() : Optional.of(Dscp.parse(dscp));
        } catch (RuleFormatException e) {
            throw new BadSettingException(
                    ROOT + ".dscp",
                    "cannot be used: " + e.getMessage(),
                    "Write a name such as af11, or a number from 0 to 63");
        }
    }

    private Optional<SourcePorts> ports() {
        try {
            return portRange.isEmpty()
                    ? Optional.empty()
                    : Optional.of(SourcePorts.parse(portRange));
        } catch (IllegalArgumentException _) {
            throw new BadSettingException(
                    ROOT + ".port-range",
                    "is not a range of ports",
                    "Write the first and the last port, from 1 to 65535, such as 10000-60999");
        }
    }

    private static Optional<String> networkInterfaceOf(String at, String name) {
        if (!name.isEmpty() && !SourceAddress.isInterfaceName(name)) {
            throw new BadSettingException(
                    at + ".interface",
                    "is not the name of a network interface",
                    "Write it as `ip link` shows it, such as eth1");
        }
        return Optional.of(name).filter(given -> !given.isEmpty());
    }

    private static Optional<AddressPool> pool(
            String at, String family, String address, String prefix) {
        var property = at + (address.isEmpty() ? ".prefix-" : ".") + family;
        if (!address.isEmpty() && !prefix.isEmpty()) {
            throw new BadSettingException(
                    property,
                    "is set beside " + at + ".prefix-" + family,
                    "Set the address or the prefix, not both");
        }
        if (address.isEmpty() && prefix.isEmpty()) {
            return Optional.empty();
        }
        boolean v4 = family.equals("ipv4");
        return Optional.of(
                address.isEmpty()
                        ? new AddressPool(block(property, prefix, v4))
                        : AddressPool.of(address(property, address, v4)));
    }

    private static InetAddress address(String property, String text, boolean v4) {
        return IpLiteral.parse(text)
                .filter(address -> address instanceof Inet4Address == v4 && isUnicast(address))
                .orElseThrow(() ->
                        new BadSettingException(
                                property,
                                "is not an address of this family that a machine can have",
                                "Write one such as " + (v4 ? "198.51.100.10" : "2001:db8::10")));
    }

    private static IpPrefix block(String property, String text, boolean v4) {
        try {
            var block = IpPrefix.parse(text);
            if (block.address() instanceof Inet4Address == v4 && isUnicast(block.address())) {
                return block;
            }
        } catch (WireFormatException _) {
            // Said below.
        }
        throw new BadSettingException(
                property,
                "is not a block of this family's addresses",
                "Write one such as "
                        + (v4 ? "198.51.100.0/24" : "2001:db8::/48")
                        + ", without bits behind its length");
    }

    private static boolean isUnicast(InetAddress address) {
        return !address.isAnyLocalAddress() && !address.isMulticastAddress();
    }
}
