package org.masquerelay.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.masquerelay.cli.doctor.Doctor;
import org.masquerelay.cli.doctor.HostFiles;
import org.masquerelay.cli.doctor.Report;
import org.masquerelay.cli.doctor.Wanted;
import org.masquerelay.cli.http.TargetTrust;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.IpLiteral;
import org.masquerelay.wire.IpPrefix;
import org.masquerelay.wire.WireFormatException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Says whether a host is fit for a relay, and what to change.
@Command(
        name = "doctor",
        description = {
            "Says whether this host is fit for a relay, and what to change.",
            "Run it as the user and in the unit or container of the relay: limits are those of"
                    + " this process. It changes nothing. The exit code is 0 if nothing failed."
        })
final class DoctorCommand implements Callable<Integer> {
    private static final int MAX_PORT = 65535;
    private static final int MAX_TUNNELS = 10_000_000;

    private final Console console;
    private final HostFiles files;

    @Option(
            names = "--tunnels",
            paramLabel = "COUNT",
            description = "How many tunnels are to be open at once (default: 10000).")
    private int tunnels = 10_000;

    @Option(
            names = "--ports",
            paramLabel = "PORT",
            split = ",",
            description =
                    "The ports that the relay listens on" + " (default: 443,4443,4434,8081,8082).")
    private List<Integer> ports = List.of(443, 4443, 4434, 8081, 8082);

    @Option(
            names = "--udp-idle-timeout",
            paramLabel = "TIME",
            converter = Durations.class,
            description = "relay.egress.udp-idle-timeout (default: 120s).")
    private Duration udpIdle = Duration.ofMinutes(2);

    @Option(
            names = "--source-prefix",
            paramLabel = "PREFIX",
            description = "Addresses that tunnels start from, such as 2001:db8::/64; repeatable.")
    private List<String> prefixes = new ArrayList<>();

    @Option(
            names = "--relay",
            paramLabel = "HOST:PORT",
            converter = HostPorts.class,
            description = "A relay to reach as a client does.")
    private @Nullable HostPort relay;

    @Option(
            names = "--egress",
            paramLabel = "HOST:PORT",
            converter = HostPorts.class,
            description = "The egress to reach as the ingress does, with --cert and --key.")
    private @Nullable HostPort egress;

    @Option(
            names = "--transports",
            paramLabel = "VERSION",
            split = ",",
            converter = HttpVersions.class,
            description =
                    "The HTTP versions that each of them is to be reached by (default: h3,h2,h1).")
    private List<HttpVersion> transports = List.of(HttpVersion.H3, HttpVersion.H2, HttpVersion.H1);

    @Option(
            names = "--ca",
            paramLabel = "FILE",
            description =
                    "PEM file with who signs their certificates"
                            + " (default: whom this Java trusts).")
    private @Nullable Path ca;

    @Option(
            names = "--cert",
            paramLabel = "FILE",
            description =
                    "A certificate of this host to check: PEM, with those that sign it. With --key"
                            + " it is shown to whoever asks.")
    private @Nullable Path cert;

    @Option(names = "--key", paramLabel = "FILE", description = "Its private key: PEM of PKCS #8.")
    private @Nullable Path key;

    @Option(
            names = "--server-name",
            paramLabel = "NAME",
            description = "The name that clients dial, which --cert has to carry.")
    private @Nullable String serverName;

    @Option(
            names = "--clock",
            paramLabel = "URL",
            description = "A web server to compare the clock with.")
    private @Nullable URI clock;

    @Option(
            names = "--dns",
            paramLabel = "HOST:PORT",
            converter = HostPorts.class,
            description = "The name server to ask (default: the first in /etc/resolv.conf).")
    private @Nullable HostPort dns;

    @Option(
            names = "--dns-name",
            paramLabel = "NAME",
            description = "A name that exists, with DNSSEC (default: example.com).")
    private String dnsName = "example.com";

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = Durations.class,
            description = "How long to wait for each answer (default: 5s).")
    private Duration timeout = Duration.ofSeconds(5);

    @Option(names = "--strict", description = "Fail on warnings, too.")
    private boolean strict;

    @Option(names = "--json", description = "Print one JSON object instead of a table.")
    private boolean json;

    DoctorCommand(Console console, HostFiles files) {
        this.console = console;
        this.files = files;
    }

    @Override
    public Integer call() throws CommandFailure, IOException {
        var doctor = new Doctor(files, wanted(), names(), peers(), own());
        var report = new Report(doctor.findings(), strict);
        console.out().print(json ? report.json() + '\n' : report.text(console.colours()));
        console.out().flush();
        return report.ok() ? ExitStatus.SUCCESS : ExitStatus.FAILURE;
    }

    private Wanted wanted() throws CommandFailure {
        if (tunnels < 1 || tunnels > MAX_TUNNELS) {
            throw CommandFailure.misused("--tunnels must be from 1 to " + MAX_TUNNELS);
        }
        if (!ports.stream().allMatch(port -> port >= 1 && port <= MAX_PORT)) {
            throw CommandFailure.misused("--ports are from 1 to " + MAX_PORT);
        }
        var sources = new ArrayList<IpPrefix>();
        for (var text : prefixes) {
            try {
                sources.add(IpPrefix.parse(text));
            } catch (WireFormatException e) {
                throw CommandFailure.misused("--source-prefix: " + e.getMessage());
            }
        }
        return new Wanted(tunnels, ports, sources, udpIdle);
    }

    private Doctor.Names names() throws CommandFailure {
        var server = dns;
        if (server == null) {
            return new Doctor.Names(Optional.empty(), dnsName);
        }
        var address =
                IpLiteral.parse(server.host())
                        .orElseThrow(() -> CommandFailure.misused("--dns takes an IP address"));
        return new Doctor.Names(
                Optional.of(new InetSocketAddress(address, server.port())), dnsName);
    }

    private Doctor.Peers peers() throws CommandFailure, IOException {
        var file = ca;
        var trust =
                file == null
                        ? new TargetTrust.Public()
                        : new TargetTrust.Only(ConnectionOptions.certificates(file));
        var manager = trust.manager();
        var uri = Optional.ofNullable(clock);
        if (uri.isPresent() && uri.get().getHost() == null) {
            throw CommandFailure.misused("--clock takes a URL with a host");
        }
        return new Doctor.Peers(
                Optional.ofNullable(relay),
                Optional.ofNullable(egress),
                transports,
                List.of(manager.getAcceptedIssuers()),
                manager,
                uri,
                timeout);
    }

    private Doctor.Own own() throws CommandFailure {
        var file = cert;
        if (file == null) {
            if (key != null || serverName != null) {
                throw CommandFailure.misused("--key and --server-name belong to --cert");
            }
            return new Doctor.Own("", List.of(), Optional.empty(), Optional.empty());
        }
        List<X509Certificate> chain = ConnectionOptions.certificates(file);
        Optional<PrivateKey> secret =
                key == null ? Optional.empty() : Optional.of(CredentialOptions.privateKey(key));
        String called = Optional.ofNullable(file.getFileName()).map(Path::toString).orElse("");
        return new Doctor.Own(called, chain, secret, Optional.ofNullable(serverName));
    }
}
