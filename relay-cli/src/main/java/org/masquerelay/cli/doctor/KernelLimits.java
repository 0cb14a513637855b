package org.masquerelay.cli.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// What the kernel allows: ports, socket buffers, file handles, tracked connections.
final class KernelLimits {
    private static final String PORT_RANGE = "net.ipv4.ip_local_port_range";
    private static final String RESERVED_PORTS = "net.ipv4.ip_local_reserved_ports";
    private static final String TRACKED_MAX = "net.netfilter.nf_conntrack_max";
    private static final String TRACKED = "net.netfilter.nf_conntrack_count";
    private static final String STREAM_TIMEOUT = "net.netfilter.nf_conntrack_udp_timeout_stream";

    /// What deploy/host/90-masque.conf sets.
    private static final String WIDE_RANGE = "10000 60999";

    /// What the relay asks for, for each QUIC socket.
    private static final long BUFFER = 8 << 20;

    /// Less than the kernel's own default loses packets at a few Mbit/s.
    private static final long LEAST_BUFFER = 200 << 10;

    private static final long ROOMY_BUFFER = 16 << 20;

    /// For listeners, connections to clients, jars and logs.
    private static final int OTHER_HANDLES = 1024;

    private static final Pattern OPEN_FILES =
            Pattern.compile("Max open files\\s+(\\d{1,18}|unlimited)\\s+(\\d{1,18}|unlimited).*");

    private final HostFiles files;
    private final Wanted wanted;

    KernelLimits(HostFiles files, Wanted wanted) {
        this.files = files;
        this.wanted = wanted;
    }

    List<Finding> findings() {
        var found = new ArrayList<Finding>();
        ports(found);
        found.add(buffer("net.core.rmem_max", "receive buffers"));
        found.add(buffer("net.core.wmem_max", "send buffers"));
        found.add(handles());
        systemHandles().ifPresent(found::add);
        connectionTracking(found);
        return found;
    }

    private void ports(List<Finding> found) {
        String[] range = files.setting(PORT_RANGE).orElse("").split("\\s+", -1);
        if (range.length != 2 || !range[0].matches("\\d{1,5}") || !range[1].matches("\\d{1,5}")) {
            found.add(Finding.fail("source ports", "no " + PORT_RANGE, "run it on Linux"));
            return;
        }
        int first = Integer.parseInt(range[0]);
        int last = Integer.parseInt(range[1]);
        found.add(enoughPorts(first, last));
        found.add(disjointPorts(first, last));
    }

    /// A UDP socket has a port of its own on its address: there are no more tunnels than ports.
    private Finding enoughPorts(int first, int last) {
        long room = (long) (last - first + 1) * wanted.sources();
        String what =
                "%d to %d at %d %s, for %d tunnels"
                        .formatted(
                                first,
                                last,
                                wanted.sources(),
                                wanted.sources() == 1 ? "address" : "addresses or more",
                                wanted.tunnels());
        String change = sysctl(PORT_RANGE, WIDE_RANGE);
        if (room < wanted.tunnels()) {
            boolean wide = room >= 51_000L * wanted.sources();
            String more = "send from a prefix, or from more egresses";
            return Finding.fail("source ports", what, wide ? more : change);
        }
        return room / 5 * 4 < wanted.tunnels()
                ? Finding.warn("source ports", what, change)
                : Finding.ok("source ports", what);
    }

    private Finding disjointPorts(int first, int last) {
        String reserved = files.setting(RESERVED_PORTS).orElse("");
        var within = new TreeSet<Integer>();
        for (int port : wanted.ports()) {
            if (port >= first && port <= last && !contains(reserved, port)) {
                within.add(port);
            }
        }
        if (within.isEmpty()) {
            return Finding.ok("listeners' ports", "none is taken by tunnels");
        }
        var all = new ArrayList<String>();
        if (!reserved.isEmpty()) {
            all.add(reserved);
        }
        within.forEach(port -> all.add(Integer.toString(port)));
        return Finding.warn(
                "listeners' ports",
                within + " may be taken by a tunnel while the listener restarts",
                sysctl(RESERVED_PORTS, String.join(",", all)));
    }

    /// Whether a list such as `53,8000-8080` has the port.
    private static boolean contains(String list, int port) {
        for (String part : list.split(",", -1)) {
            String[] ends = part.strip().split("-", 2);
            try {
                int low = Integer.parseInt(ends[0]);
                int high = ends.length == 2 ? Integer.parseInt(ends[1]) : low;
                if (port >= low && port <= high) {
                    return true;
                }
            } catch (NumberFormatException _) {
                // An empty list, or one of a kernel that writes it in another way.
            }
        }
        return false;
    }

    private Finding buffer(String name, String check) {
        var most = files.number(name);
        if (most.isEmpty()) {
            return Finding.warn(check, "no " + name, "run it in the host's network namespace");
        }
        long bytes = most.getAsLong();
        String what = "%d KiB of %d KiB per socket".formatted(bytes >> 10, BUFFER >> 10);
        if (bytes >= BUFFER) {
            return Finding.ok(check, what);
        }
        String change = sysctl(name, Long.toString(ROOMY_BUFFER));
        return bytes < LEAST_BUFFER
                ? Finding.fail(check, what, change)
                : Finding.warn(check, what, change);
    }

    private Finding handles() {
        long needed = (long) wanted.tunnels() + OTHER_HANDLES;
        for (String line : files.lines("proc/self/limits")) {
            var matcher = OPEN_FILES.matcher(line);
            if (matcher.matches()) {
                long hard = limit(matcher.group(2)); // Java raises its own limit up to here.
                String what =
                        "%s for %d tunnels and %d others"
                                .formatted(matcher.group(2), wanted.tunnels(), OTHER_HANDLES);
                return hard >= needed
                        ? Finding.ok("file handles", what)
                        : Finding.fail(
                                "file handles",
                                what,
                                "ulimit -Hn %d   # with systemd: LimitNOFILE=%d"
                                        .formatted(needed, needed));
            }
        }
        return Finding.warn("file handles", "no limits of this process", "run it on Linux");
    }

    private Optional<Finding> systemHandles() {
        var most = files.number("fs.file-max");
        long needed = (long) wanted.tunnels() + OTHER_HANDLES;
        return most.isEmpty() || most.getAsLong() >= needed
                ? Optional.empty()
                : Optional.of(
                        Finding.fail(
                                "file handles of the host",
                                Long.toString(most.getAsLong()),
                                sysctl("fs.file-max", Long.toString(4 * needed))));
    }

    private static long limit(String text) {
        return text.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(text);
    }

    private void connectionTracking(List<Finding> found) {
        OptionalLong most = files.number(TRACKED_MAX);
        if (most.isEmpty()) {
            found.add(Finding.ok("connection tracking", "not loaded"));
            return;
        }
        long max = most.getAsLong();
        long used = files.number(TRACKED).orElse(0);
        long needed = 2L * wanted.tunnels(); // The tunnel's own flow, and its client's at worst.
        String what = "%d of %d entries used, up to %d wanted".formatted(used, max, needed);
        found.add(
                max - used < needed
                        ? Finding.fail(
                                "connection tracking",
                                what,
                                sysctl(TRACKED_MAX, Long.toString(used + 2 * needed)))
                        : Finding.ok("connection tracking", what));
        streamTimeout().ifPresent(found::add);
    }

    /// RFC 9298, section 3.1: a proxy keeps silent UDP flows for two minutes or more, and so must
    /// the firewall that it sends through.
    private Optional<Finding> streamTimeout() {
        var timeout = files.number(STREAM_TIMEOUT);
        if (timeout.isEmpty()) {
            return Optional.empty();
        }
        long idle = wanted.udpIdle().toSeconds();
        String what = "%d s, tunnels %d s".formatted(timeout.getAsLong(), idle);
        return Optional.of(
                timeout.getAsLong() < idle
                        ? Finding.fail(
                                "tracking of silent UDP",
                                what,
                                sysctl(STREAM_TIMEOUT, Long.toString(idle)))
                        : Finding.ok("tracking of silent UDP", what));
    }

    static String sysctl(String name, String value) {
        return "sysctl -w " + name + "=" + (value.indexOf(' ') < 0 ? value : '"' + value + '"');
    }
}
