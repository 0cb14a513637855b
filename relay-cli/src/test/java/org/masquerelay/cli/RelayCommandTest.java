package org.masquerelay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.masquerelay.cli.stack.FreePorts;
import org.masquerelay.cli.targets.TargetCertificate;
import org.masquerelay.cli.targets.WebTarget;

final class RelayCommandTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir private Path directory = Path.of("");

    /// A command line that cannot be run, and a part of the sentence that says so.
    record Misuse(String line, String sentence) {
        @Override
        public String toString() {
            return "relay " + line;
        }
    }

    static List<Misuse> misuses() {
        return List.of(
                new Misuse("", "Missing required subcommand"),
                new Misuse("fly", "fly"),
                new Misuse("get", "Missing required parameter: 'URL'"),
                new Misuse("get ftp://host/", "'ftp://host/' is no URL"),
                new Misuse("get https://user:word@host/", "user name or password"),
                new Misuse("get -k --cacert x https://host/", "mutually exclusive"),
                new Misuse("udp", "Missing required parameter: 'HOST:PORT'"),
                new Misuse("udp host", "lacks a port"),
                new Misuse("udp host:0", "from 1 to 65535"),
                new Misuse("udp host:65536", "from 1 to 65535"),
                new Misuse("udp host:foobar", "from 1 to 65535"),
                new Misuse("udp host:53 --hex 0", "hexadecimal"),
                new Misuse("udp host:53 --hex xy", "hexadecimal"),
                new Misuse("udp host:53 text --hex 00", "exclude each other"),
                new Misuse("udp host:53 --hex 00 --dns name", "mutually exclusive"),
                new Misuse("udp host:53 --dns name --type nonsense", "no DNS query"),
                new Misuse("udp host:53 --dns a..b", "no DNS query"),
                new Misuse("get --nested=host https://host/", "lacks a port"),
                new Misuse("get --nested", "Missing required parameter: 'URL'"),
                new Misuse("udp --nested", "Missing required parameter: 'HOST:PORT'"),
                new Misuse("profile", "Missing required"),
                new Misuse("profile --header a=b", "--h3-url, --h2-url or both"),
                new Misuse("profile --h3-url http://relay.test/", "begins with https://"),
                new Misuse("profile --h2-url https://me@relay.test/", "no user name"),
                new Misuse("profile --h3-url https://{host", "begins with https://"),
                new Misuse("profile --h3-url https://r.test --header a", "--header"),
                new Misuse("profile --h3-url https://r.test --header a:=b", "--header"),
                new Misuse("profile --h3-url https://r.test --header a=b --header A=c", "twice"),
                new Misuse("profile --h3-url https://r.test --match-domain a..b", "no domain"),
                new Misuse("profile --h3-url https://r.test --exclude-domain 1.2.3.4", "address"),
                new Misuse("profile --h3-url https://r.test --identifier a/b", "--identifier"),
                new Misuse(
                        "profile --h3-url https://a --h3-url https://b --h3-url https://c",
                        "two relays at most"),
                new Misuse("proxy --listen nowhere", "no HOST:PORT"),
                new Misuse("proxy --listen 127.0.0.1:65536", "from 0 to 65535"),
                new Misuse("proxy --listen ::1:1080", "no HOST:PORT"),
                new Misuse("proxy --listen [zz]:1080", "no HOST:PORT"),
                new Misuse("proxy --listen host.invalid:1080", "no address"),
                new Misuse("proxy --listen 0.0.0.0:1080", "--allow-remote"),
                new Misuse("proxy --listen [::]:1080", "--allow-remote"),
                new Misuse("proxy --listen 192.0.2.1:1080", "--allow-remote"),
                new Misuse("proxy --only socks4", "socks4"),
                new Misuse("proxy --max-clients 0", "from 1 to 4096"),
                new Misuse("token --count 0", "from 1 to 1000"),
                new Misuse("token --count 1001", "from 1 to 1000"),
                new Misuse("token --count many", "'many' is not an int"),
                new Misuse("bench --only nonsense", "udp-64-0, udp-1200-0"),
                new Misuse("bench --seconds 0", "--seconds must be from 1 to 600"),
                new Misuse("bench --loops 257", "--loops must be from 1 to 256"),
                new Misuse("bench --tunnels 9 --window 8", "--window must be at least --tunnels"),
                new Misuse("bench --transport h4", "'h4' is no HTTP version"),
                new Misuse("bench --upstream h3,h2", "'h3,h2' is no HTTP version"),
                new Misuse("get --transports h4 https://host/", "'h4' is no HTTP version"),
                new Misuse("udp --transports h3,,h1 host:53 x", "'' is no HTTP version"),
                new Misuse("token --transports h2,h2", "names an HTTP version twice"),
                new Misuse("proxy --head-starts soon", "no duration"),
                new Misuse("token --head-starts 500ms,250ms", "get longer"),
                new Misuse("token --head-starts 1s,2s,3s", "for each of --transports"),
                new Misuse(
                        "token --transports h2 --head-starts 1s",
                        "for each of --transports but the first"),
                new Misuse("password", "Missing required parameter: 'NAME'"),
                new Misuse("password a:b", "without a colon"),
                new Misuse("password #a", "starts with no #"),
                new Misuse("password \u00fc", "printable ASCII"),
                new Misuse("doctor --tunnels 0", "from 1 to 10000000"),
                new Misuse("doctor --ports 0", "from 1 to 65535"),
                new Misuse("doctor --ports 443,x", "'x' is not an int"),
                new Misuse("doctor --source-prefix 192.0.2.1/24", "bits set behind its length"),
                new Misuse("doctor --source-prefix 192.0.2.1", "no '/'"),
                new Misuse("doctor --key x", "belong to --cert"),
                new Misuse("doctor --server-name x", "belong to --cert"),
                new Misuse("doctor --dns ns.test:53", "--dns takes an IP address"),
                new Misuse("doctor --clock nowhere", "a URL with a host"),
                new Misuse("doctor --relay nowhere", "lacks a port"),
                new Misuse("token --relay nowhere", "lacks a port"),
                new Misuse("token --timeout soon", "no duration"),
                new Misuse("token --timeout 0s", "no duration"));
    }

    @ParameterizedTest
    @MethodSource("misuses")
    void saysWhatIsWrongWithTheUse(Misuse misuse) {
        String[] arguments = misuse.line().isEmpty() ? new String[0] : misuse.line().split(" ");

        assertThat(run(arguments)).isEqualTo(2);
        assertThat(text(err)).contains(misuse.sentence()).doesNotContain("Exception");
        assertThat(text(out)).isEmpty();
    }

    @Test
    void failsWithoutTheFileOfTheAuthority() {
        Path missing = directory.resolve("missing.pem");

        assertThat(run("token", "--ca", missing.toString())).isEqualTo(1);
        assertThat(text(err)).isEqualTo("relay token: there is no file " + missing + "\n");
    }

    @Test
    void failsOnAFileThatHoldsNoCertificate() throws Exception {
        Path file = Files.writeString(directory.resolve("text.pem"), "no certificate");

        assertThat(run("token", "--ca", file.toString())).isEqualTo(1);
        assertThat(text(err)).contains("has no readable certificate");
    }

    @Test
    void namesTheOptionForAnAuthorityThatIsNotTrusted() throws Exception {
        var relay = TargetCertificate.forNames(List.of("localhost"));
        var other = TargetCertificate.forNames(List.of("localhost"));
        var file = Files.writeString(directory.resolve("other.pem"), other.pem());
        try (var web = WebTarget.start(relay)) {
            for (var transport : List.of("h1", "h2")) {
                assertThat(
                                run(
                                        "token",
                                        "--relay",
                                        "localhost:" + web.port(),
                                        "--transports",
                                        transport,
                                        "--ca",
                                        file.toString()))
                        .isEqualTo(ExitStatus.UNREACHABLE);
                assertThat(text(err))
                        .endsWith("signed by a trusted CA? --ca FILE names the one to trust\n");
            }
        }
    }

    @Test
    void upSaysWhichPortIsTakenAndHowToChooseAnother() throws Exception {
        var options =
                List.of("--port", "--egress-port", "--management-port", "--egress-management-port");
        var free = FreePorts.find(options.size());
        for (int i = 0; i < options.size(); i++) {
            try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                assertThat(up(options, free, i, taken.getLocalPort())).isEqualTo(1);
                assertThat(text(err))
                        .isEqualTo(
                                "relay up: TCP port "
                                        + taken.getLocalPort()
                                        + " is taken, perhaps by another ./relay up: stop that one,"
                                        + " or choose another port with "
                                        + options.get(i)
                                        + "\n");
                err.reset();
            }
        }
        try (var taken = new DatagramSocket()) {
            assertThat(up(options, free, 1, taken.getLocalPort())).isEqualTo(1);
            assertThat(text(err)).contains("UDP port " + taken.getLocalPort(), "--egress-port");
        }
    }

    private int up(List<String> options, List<Integer> ports, int which, int taken) {
        var arguments = new ArrayList<>(List.of("up"));
        for (int i = 0; i < options.size(); i++) {
            arguments.add(options.get(i));
            arguments.add(Integer.toString(i == which ? taken : ports.get(i)));
        }
        return run(arguments.toArray(String[]::new));
    }

    @Test
    void helpNamesEveryCommand() {
        assertThat(run("--help")).isZero();
        assertThat(text(out)).contains("demo", "up", "get", "udp", "proxy", "token", "profile");
        assertThat(text(out)).contains("password", "doctor");
    }

    @Test
    void everyCommandHasHelp() {
        for (String command :
                List.of(
                        "demo",
                        "up",
                        "get",
                        "udp",
                        "proxy",
                        "token",
                        "profile",
                        "password",
                        "doctor")) {
            assertThat(run(command, "--help")).isZero();
        }
    }

    private int run(String... arguments) {
        var console =
                new Console(new ByteArrayInputStream(new byte[0]), print(out), print(err), false);
        return RelayCommand.commandLine(console).execute(arguments);
    }

    private static PrintStream print(ByteArrayOutputStream target) {
        return new PrintStream(target, true, StandardCharsets.UTF_8);
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
