package org.masquerelay.cli.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.masquerelay.cli.stack.Ports;
import org.masquerelay.cli.stack.Stack;
import org.masquerelay.cli.stack.Stack.PrivateTargets;
import org.masquerelay.cli.stack.WorkDirectory;
import org.masquerelay.cli.targets.DnsTarget;
import org.masquerelay.cli.targets.DnsZone;
import org.masquerelay.cli.targets.TargetCertificate;
import org.masquerelay.cli.targets.WebTarget;

/// A whole relay with targets behind it, for as long as it takes to show what it does.
///
/// Nothing outlives it but, after a failure, a directory with the logs. [#close()] may come from
/// another thread at any time.
public final class Demo implements AutoCloseable {
    /// A machine with one busy core needs most of it for two starts of the egress.
    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

    /// The apps live for seconds: what compiles longest is never used.
    private static final List<String> QUICK_START =
            List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "-Xshare:auto");

    private final WorkDirectory directory;
    private final WebTarget web;
    private final DnsTarget dns;
    private final TargetCertificate certificate;
    private final Stack stack;

    private Demo(
            WorkDirectory directory,
            TargetCertificate certificate,
            WebTarget web,
            DnsTarget dns,
            Stack stack) {
        this.directory = directory;
        this.certificate = certificate;
        this.web = web;
        this.dns = dns;
        this.stack = stack;
    }

    /// Starts the targets and reserves what the relay needs; no app runs yet.
    public static Demo prepare(Stack.Jars jars) throws IOException {
        var directory = WorkDirectory.make("relay-demo-");
        var certificate = TargetCertificate.forNames(List.of(DnsZone.WEB));
        var web = WebTarget.start(certificate);
        var dns = DnsTarget.start();
        var settings =
                new Stack.Settings(
                        jars,
                        directory.path(),
                        Ports.freeAndOneWithoutUdp(),
                        dns.address(),
                        QUICK_START,
                        START_TIMEOUT);
        return new Demo(directory, certificate, web, dns, Stack.prepare(settings));
    }

    /// Where the apps write their logs.
    public Path directory() {
        return directory.path();
    }

    /// Starts the relay and asks it everything.
    public Report run() throws IOException, InterruptedException {
        stack.start(PrivateTargets.ALLOWED);
        try (var client = Client.connect(stack, new Client.Targets(certificate, web, dns))) {
            var rows = new ArrayList<Probe.Row>();
            for (var probe : Script.of(new Questions(client), stack)) {
                rows.add(probe.run());
            }
            var report = new Report(rows);
            directory.succeeded(report.ok());
            return report;
        }
    }

    /// Stops everything; the logs stay unless all was as expected.
    @Override
    public void close() {
        stack.close();
        web.close();
        dns.close();
        directory.close();
    }
}
