package org.masquerelay.cli.doctor;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import org.masquerelay.wire.IpLiteral;
import org.masquerelay.wire.IpPrefix;

/// The blocks of addresses that the kernel takes packets for.
///
/// @param blocks of both families, from the table `local`
record LocalRoutes(List<IpPrefix> blocks) {
    /// RTF_LOCAL of `linux/ipv6_route.h`.
    private static final long LOCAL = 0x80000000L;

    private static final Pattern LEAF = Pattern.compile("\\s+\\|-- ([0-9.]{7,15})");
    private static final Pattern ENTRY = Pattern.compile("\\s+/(\\d{1,2}) host LOCAL.*");

    LocalRoutes {
        blocks = List.copyOf(blocks);
    }

    static LocalRoutes of(HostFiles files) {
        var blocks = new ArrayList<IpPrefix>();
        version4(files.lines("proc/net/fib_trie"), blocks);
        version6(files.lines("proc/net/ipv6_route"), blocks);
        return new LocalRoutes(blocks);
    }

    /// Whether packets to every address of the prefix come to this host.
    boolean cover(IpPrefix prefix) {
        return blocks.stream()
                .anyMatch(block ->
                        block.length() <= prefix.length() && block.contains(prefix.address()));
    }

    /// A leaf is an address, and below it are the lengths of its prefixes.
    private static void version4(List<String> lines, List<IpPrefix> blocks) {
        String address = "";
        for (String line : lines) {
            var leaf = LEAF.matcher(line);
            var entry = ENTRY.matcher(line);
            if (leaf.matches()) {
                address = leaf.group(1);
            } else if (entry.matches()) {
                int length = Integer.parseInt(entry.group(1));
                IpLiteral.parse(address).ifPresent(literal -> add(literal, length, blocks));
            }
        }
    }

    /// Columns: destination, its length, source, its length, next hop, metric, references, use,
    /// flags, device.
    private static void version6(List<String> lines, List<IpPrefix> blocks) {
        for (String line : lines) {
            String[] columns = line.strip().split("\\s+", -1);
            if (columns.length < 10 || columns[0].length() != 32) {
                continue;
            }
            try {
                if ((Long.parseLong(columns[8], 16) & LOCAL) != 0) {
                    var address = InetAddress.getByAddress(HexFormat.of().parseHex(columns[0]));
                    add(address, Integer.parseInt(columns[1], 16), blocks);
                }
            } catch (IllegalArgumentException | UnknownHostException _) {
                // No route; the next line may be one.
            }
        }
    }

    private static void add(InetAddress address, int length, List<IpPrefix> blocks) {
        try {
            blocks.add(new IpPrefix(address, length));
        } catch (IllegalArgumentException _) {
            // No block of addresses.
        }
    }
}
