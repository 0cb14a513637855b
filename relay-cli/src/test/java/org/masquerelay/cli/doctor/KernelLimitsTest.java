package org.masquerelay.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.cli.doctor.Finding.Mark;
import org.masquerelay.wire.IpPrefix;
import org.masquerelay.wire.WireFormatException;

final class KernelLimitsTest {
    private static final Wanted USUAL = wanted(10_000);

    @TempDir private Path root = Path.of("");

    private HostTree host = new HostTree(root);

    @BeforeEach
    void setUp() throws IOException {
        host = HostTree.asRecommended(root);
    }

    @Test
    void findsNothingWrongWithWhatDeployHostSets() {
        assertThat(new KernelLimits(host.files(), USUAL).findings())
                .hasSize(7)
                .allMatch(finding -> finding.mark() == Mark.OK);
    }

    @Test
    void wantsAPortForEachTunnel() throws Exception {
        host.set("net.ipv4.ip_local_port_range", "32768\t60999");

        assertThat(find("source ports", wanted(28_233)))
                .isEqualTo(
                        Finding.fail(
                                "source ports",
                                "32768 to 60999 at 1 address, for 28233 tunnels",
                                "sysctl -w net.ipv4.ip_local_port_range=\"10000 60999\""));
        assertThat(find("source ports", wanted(28_232)).mark()).isEqualTo(Mark.WARN);
        assertThat(find("source ports", wanted(22_000)).mark()).isEqualTo(Mark.OK);
    }

    @Test
    void countsPortsOnceForEachAddressOfThePrefix() throws Exception {
        assertThat(find("source ports", wanted(60_000)).change()).contains("send from a prefix");
        assertThat(find("source ports", wanted(60_000, "192.0.2.0/31")).mark()).isEqualTo(Mark.OK);
        assertThat(find("source ports", wanted(60_000, "192.0.2.0/32", "2001:db8::/64")).mark())
                .isEqualTo(Mark.FAIL);
    }

    @Test
    void keepsListenersApartFromTunnels() throws Exception {
        host.set("net.ipv4.ip_local_port_range", "1024 60999");
        host.set("net.ipv4.ip_local_reserved_ports", "5000,8000-8081");

        assertThat(find("listeners' ports", USUAL))
                .isEqualTo(
                        Finding.warn(
                                "listeners' ports",
                                "[4443, 8082] may be taken by a tunnel while the listener restarts",
                                "sysctl -w net.ipv4.ip_local_reserved_ports=5000,8000-8081,4443,8082"));
    }

    @Test
    void wantsTheBuffersThatTheRelayAsksFor() throws Exception {
        host.set("net.core.rmem_max", "212992");
        host.set("net.core.wmem_max", "65536");

        assertThat(find("receive buffers", USUAL))
                .isEqualTo(
                        Finding.warn(
                                "receive buffers",
                                "208 KiB of 8192 KiB per socket",
                                "sysctl -w net.core.rmem_max=16777216"));
        assertThat(find("send buffers", USUAL).mark()).isEqualTo(Mark.FAIL);
    }

    @Test
    void wantsAHandleForEachTunnel() throws Exception {
        host.openFiles("11023");

        assertThat(find("file handles", USUAL).mark()).isEqualTo(Mark.FAIL);
        assertThat(find("file handles", USUAL).change()).contains("LimitNOFILE=11024");

        host.openFiles("11024");
        assertThat(find("file handles", USUAL).mark()).isEqualTo(Mark.OK);
        host.openFiles("unlimited");
        assertThat(find("file handles", USUAL).mark()).isEqualTo(Mark.OK);
        host.set("fs.file-max", "5000");
        assertThat(find("file handles of the host", USUAL).mark()).isEqualTo(Mark.FAIL);
    }

    @Test
    void trackedFlowsLiveAsLongAsTunnels() throws Exception {
        host.set("net.netfilter.nf_conntrack_udp_timeout_stream", "119");

        assertThat(find("tracking of silent UDP", USUAL))
                .isEqualTo(
                        Finding.fail(
                                "tracking of silent UDP",
                                "119 s, tunnels 120 s",
                                "sysctl -w net.netfilter.nf_conntrack_udp_timeout_stream=120"));
    }

    @Test
    void wantsRoomForTrackedFlows() throws Exception {
        host.set("net.netfilter.nf_conntrack_max", "65536");
        host.set("net.netfilter.nf_conntrack_count", "45537");

        assertThat(find("connection tracking", USUAL).mark()).isEqualTo(Mark.FAIL);
        assertThat(find("connection tracking", USUAL).change())
                .isEqualTo("sysctl -w net.netfilter.nf_conntrack_max=85537");
    }

    @Test
    void nothingIsTrackedWithoutTheModule() throws Exception {
        for (String name : List.of("max", "count", "udp_timeout_stream")) {
            host.unset("net.netfilter.nf_conntrack_" + name);
        }

        assertThat(find("connection tracking", USUAL).found()).isEqualTo("not loaded");
    }

    @Test
    void saysWhatAnotherSystemLacks() {
        var bare = new HostFiles(root.resolve("nothing"));

        assertThat(new KernelLimits(bare, USUAL).findings())
                .extracting(Finding::mark)
                .containsExactly(Mark.FAIL, Mark.WARN, Mark.WARN, Mark.WARN, Mark.OK);
    }

    private Finding find(String check, Wanted wanted) {
        return new KernelLimits(host.files(), wanted)
                .findings().stream()
                        .filter(finding -> finding.check().equals(check))
                        .findFirst()
                        .orElseThrow();
    }

    private static Wanted wanted(int tunnels, String... prefixes) {
        var parsed = new java.util.ArrayList<IpPrefix>();
        for (String prefix : prefixes) {
            try {
                parsed.add(IpPrefix.parse(prefix));
            } catch (WireFormatException e) {
                throw new AssertionError(e);
            }
        }
        return new Wanted(tunnels, List.of(443, 4443, 8081, 8082), parsed, Duration.ofMinutes(2));
    }
}
