package org.masquerelay.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.masquerelay.cli.profile.RelayProfile;
import org.masquerelay.pki.PrivateFiles;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.WireFormatException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Writes a configuration profile.
@Command(
        name = "profile",
        description = {
            "Writes a configuration profile (.mobileconfig) that has Apple's devices use the relay.",
            "Give the options of a second relay after those of the first for two hops: devices talk"
                    + " to the second within a tunnel of the first (nested mode)."
        })
final class ProfileCommand implements Callable<Integer> {
    private static final int HTTPS_PORT = 443;

    /// An ingress and an egress.
    private static final int MAX_HOPS = 2;

    private final Console console;

    @ArgGroup(exclusive = false, multiplicity = "1..*", heading = "For each relay:%n")
    private final List<HopOptions> hops = new ArrayList<>();

    @Option(
            names = "--match-domain",
            paramLabel = "DOMAIN",
            description =
                    "What goes through the relays, with all below it (default: everything); more than"
                            + " one may be.")
    private List<String> matchDomains = List.of();

    @Option(
            names = "--exclude-domain",
            paramLabel = "DOMAIN",
            description = "What does not, with all below it; more than one may be.")
    private List<String> excludedDomains = List.of();

    @Option(
            names = "--ca",
            paramLabel = "FILE",
            description =
                    "PEM file with who signs the relays' certificates, for devices that do not know.")
    private @Nullable Path ca;

    @Option(
            names = "--name",
            paramLabel = "TEXT",
            description = "What users read (default: Privacy relay).")
    private String name = "Privacy relay";

    @Option(
            names = "--identifier",
            paramLabel = "ID",
            description =
                    "A profile takes the place of an older one of the same"
                            + " (default: org.masquerelay.profile).")
    private String identifier = "org.masquerelay.profile";

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description =
                    "Where to write it, for nobody else to read; what is there is replaced"
                            + " (default: standard output).")
    private @Nullable Path out;

    ProfileCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws CommandFailure, IOException, CertificateEncodingException {
        var profile = profile();
        String xml;
        try {
            xml = profile.toXml(UUID::randomUUID);
        } catch (IllegalArgumentException _) {
            throw CommandFailure.misused("--name has a character that a profile cannot say");
        }
        var file = out;
        if (file == null) {
            console.out().print(xml);
            console.out().flush();
        } else {
            // It may hold credentials, and a key that a password alone protects.
            PrivateFiles.write(file, xml.getBytes(StandardCharsets.UTF_8));
        }
        return ExitStatus.SUCCESS;
    }

    private RelayProfile profile() throws CommandFailure {
        if (!identifier.matches("[A-Za-z0-9.-]{1,200}")) {
            throw CommandFailure.misused(
                    "--identifier takes letters, digits, dots and hyphens, such as com.example.relay");
        }
        if (hops.size() > MAX_HOPS) {
            throw CommandFailure.misused("a profile has two relays at most");
        }
        var relays = new ArrayList<RelayProfile.Hop>();
        for (var hop : hops) {
            relays.add(hop.hop());
        }
        return new RelayProfile(
                name,
                identifier,
                relays,
                anchors(),
                domains("--match-domain", matchDomains),
                domains("--exclude-domain", excludedDomains));
    }

    private List<X509Certificate> anchors() throws CommandFailure {
        var file = ca;
        return file == null ? List.of() : ConnectionOptions.certificates(file);
    }

    private static List<String> domains(String option, List<String> given) throws CommandFailure {
        var domains = new ArrayList<String>();
        for (var text : given) {
            try {
                var host = HostPort.of(text, Integer.toString(HTTPS_PORT));
                if (host.literal().isPresent()) {
                    throw new WireFormatException("it is an address");
                }
                domains.add(host.host());
            } catch (WireFormatException e) {
                throw CommandFailure.misused(
                        option + ": '" + text + "' is no domain: " + e.getMessage());
            }
        }
        return domains;
    }
}
