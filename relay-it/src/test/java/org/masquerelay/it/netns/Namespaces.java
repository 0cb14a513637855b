package org.masquerelay.it.netns;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Three machines as network namespaces: the relay's, the target's, and a router between them.
///
/// ```text
/// relay 10.77.0.1, fd77::1 ────────────────────────────── 10.77.0.2, fd77::2 target
/// relay 10.78.0.1 ─────────────────────────────────────── 10.78.0.2 target
/// relay 10.81.0.1, fd81::1 ─── router ─── MTU 1280 ────── 10.80.0.2, fd80::2 target
/// ```
///
/// The target also has 10.79.0.9, by the first way or, less preferred, the second. The relay has
/// the blocks 198.51.100.0/24 and 2001:db8:77::/64 by local routes, and 203.0.113.10 to .12 and
/// 2001:db8:99::10 on its loopback interface.
///
/// Where that needs more rights than there are the test is skipped, unless RELAY_REQUIRE_NETNS is
/// set.
final class Namespaces implements AutoCloseable {
    private static final int MAX_SECONDS = 30;

    private final String prefix = "relay-it-" + ProcessHandle.current().pid();
    private final String relay = prefix + "-r";
    private final String target = prefix + "-t";
    private final String router = prefix + "-m";
    private final List<Process> processes = new ArrayList<>();

    static Namespaces open() throws Exception {
        assumeTrue(
                System.getenv("RELAY_REQUIRE_NETNS") != null || isAllowed(),
                "needs root, `ip netns` (iproute2), sysctl, veth and python3");
        var namespaces = new Namespaces();
        try {
            namespaces.build();
        } catch (Exception | AssertionError failure) {
            namespaces.close();
            throw failure;
        }
        return namespaces;
    }

    private static boolean isAllowed() throws InterruptedException {
        var probe = "relay-it-probe-" + ProcessHandle.current().pid();
        if (!succeeds("python3", "--version") || !succeeds("ip", "netns", "add", probe)) {
            return false;
        }
        try {
            var inside = List.of("ip", "netns", "exec", probe);
            var forwarding = List.of("sysctl", "-qw", "net.ipv4.ip_forward=1");
            var pair = "ip link add one type veth peer name other".split(" ", -1);
            return succeeds(joined(inside, forwarding)) && succeeds(joined(inside, List.of(pair)));
        } finally {
            succeeds("ip", "netns", "del", probe);
        }
    }

    private static String[] joined(List<String> first, List<String> then) {
        return Stream.concat(first.stream(), then.stream()).toArray(String[]::new);
    }

    private static boolean succeeds(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException _) {
            return false;
        }
    }

    private void build() throws Exception {
        for (var name : List.of(relay, target, router)) {
            run("ip", "netns", "add", name);
            in(name, "ip link set lo up");
            // A reply may come by another way than the question went.
            in(name, "sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0");
        }
        link(relay, "direct", target, "direct");
        address(relay, "direct", "10.77.0.1/24", "fd77::1/64");
        address(target, "direct", "10.77.0.2/24", "fd77::2/64");
        link(relay, "second", target, "second");
        address(relay, "second", "10.78.0.1/24");
        address(target, "second", "10.78.0.2/24");
        link(relay, "routed", router, "wide");
        address(relay, "routed", "10.81.0.1/24", "fd81::1/64");
        address(router, "wide", "10.81.0.2/24", "fd81::2/64");
        link(router, "narrow", target, "routed");
        in(router, "ip link set narrow mtu 1280");
        in(target, "ip link set routed mtu 1280");
        address(router, "narrow", "10.80.0.1/24", "fd80::1/64");
        address(target, "routed", "10.80.0.2/24", "fd80::2/64");
        in(router, "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1");
        buildRoutes();
    }

    private void buildRoutes() throws Exception {
        address(target, "lo", "10.79.0.9/32");
        in(relay, "ip route add 10.79.0.9 via 10.77.0.2 metric 10");
        in(relay, "ip route add 10.79.0.9 via 10.78.0.2 metric 20");
        in(relay, "ip route add 10.80.0.0/24 via 10.81.0.2");
        in(relay, "ip -6 route add fd80::/64 via fd81::2");
        for (var address : List.of("203.0.113.10/32", "203.0.113.11/32", "203.0.113.12/32")) {
            address(relay, "lo", address);
        }
        address(relay, "lo", "2001:db8:99::10/128");
        in(relay, "ip route add local 198.51.100.0/24 dev lo");
        in(relay, "ip -6 route add local 2001:db8:77::/64 dev lo");
        for (var block : List.of("198.51.100.0/24", "203.0.113.0/24")) {
            in(target, "ip route add " + block + " via 10.77.0.1");
            in(router, "ip route add " + block + " via 10.81.0.1");
        }
        for (var block : List.of("2001:db8:77::/64", "2001:db8:99::/64")) {
            in(target, "ip -6 route add " + block + " via fd77::1");
            in(router, "ip -6 route add " + block + " via fd81::1");
        }
        in(target, "ip route add 10.81.0.0/24 via 10.80.0.1");
        in(target, "ip -6 route add fd81::/64 via fd80::1");
    }

    private void link(String one, String oneEnd, String other, String otherEnd) throws Exception {
        run(
                ("ip link add " + oneEnd + " netns " + one + " type veth peer name " + otherEnd)
                        .concat(" netns " + other)
                        .split(" ", -1));
        in(one, "ip link set " + oneEnd + " up");
        in(other, "ip link set " + otherEnd + " up");
    }

    private void address(String name, String networkInterface, String... addresses)
            throws Exception {
        for (var address : addresses) {
            var nodad = address.contains(":") ? " nodad" : "";
            in(name, "ip addr add " + address + " dev " + networkInterface + nodad);
        }
    }

    private void in(String name, String command) throws Exception {
        run(("ip netns exec " + name + " " + command).split(" ", -1));
    }

    private static void run(String... command) throws Exception {
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var said = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (!process.waitFor(MAX_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new AssertionError(String.join(" ", command) + ": " + said);
        }
    }

    /// A process on the relay's machine.
    Process onRelay(List<String> command) throws IOException {
        return start(relay, command);
    }

    /// A process on the target's machine.
    Process onTarget(List<String> command) throws IOException {
        return start(target, command);
    }

    private Process start(String name, List<String> command) throws IOException {
        var all = new ArrayList<>(List.of("ip", "netns", "exec", name));
        all.addAll(command);
        var process =
                new ProcessBuilder(all).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        processes.add(process);
        return process;
    }

    @Override
    public void close() throws Exception {
        for (var process : processes) {
            process.getOutputStream().close(); // They end by that.
            if (!process.waitFor(MAX_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
        for (var name : List.of(relay, target, router)) {
            succeeds("ip", "netns", "del", name);
        }
    }
}
