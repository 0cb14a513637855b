package org.masquerelay.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.masquerelay.cli.profile.RelayProfile.Hop;
import org.masquerelay.cli.profile.RelayProfile.Identity;
import org.masquerelay.tunnel.HeaderFields;
import picocli.CommandLine.Option;

/// The options of one relay of a profile.
final class HopOptions {
    /// A PKCS#12 file of one identity has a few KiB.
    private static final long MAX_IDENTITY_BYTES = 1 << 20;

    @Option(
            names = "--h3-url",
            paramLabel = "URL",
            description = "Where HTTP/3 reaches the relay: an https URL, or a URI template of it.")
    private @Nullable String http3Url;

    @Option(
            names = "--h2-url",
            paramLabel = "URL",
            description = "The same for HTTP/2. A relay has one of both or both.")
    private @Nullable String http2Url;

    @Option(
            names = "--header",
            paramLabel = "NAME=VALUE",
            description =
                    "A field that devices send with each request to it; more than one may be.")
    private final List<String> headers = new ArrayList<>();

    @Option(
            names = "--identity",
            paramLabel = "FILE",
            description =
                    "PKCS#12 file with the certificate and the key that devices show it. They ask"
                            + " their users for its password.")
    private @Nullable Path identity;

    Hop hop() throws CommandFailure {
        if (http3Url == null && http2Url == null) {
            throw CommandFailure.misused("a relay needs --h3-url, --h2-url or both");
        }
        return new Hop(
                url("--h3-url", http3Url), url("--h2-url", http2Url), fields(), readIdentity());
    }

    private static Optional<String> url(String option, @Nullable String text)
            throws CommandFailure {
        if (text == null) {
            return Optional.empty();
        }
        try {
            // RFC 6570: an expression has no braces within.
            var uri = new URI(text.replaceAll("\\{[^{}]*}", "x"));
            if ("https".equals(uri.getScheme())
                    && uri.getHost() != null
                    && uri.getUserInfo() == null
                    && uri.getFragment() == null) {
                return Optional.of(text);
            }
        } catch (URISyntaxException _) {
            // No URL either.
        }
        throw CommandFailure.misused(
                option + " takes a URL that begins with https:// and has no user name");
    }

    private HeaderFields fields() throws CommandFailure {
        var fields = HeaderFields.NONE;
        for (var header : headers) {
            int equals = header.indexOf('=');
            String name = equals < 0 ? "" : header.substring(0, equals).toLowerCase(Locale.ROOT);
            String value = header.substring(equals + 1);
            // RFC 9110, sections 5.1 and 5.5.
            if (!name.matches("[!#$%&'*+.^_`|~0-9a-z-]+")
                    || !value.equals(value.strip())
                    || !value.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
                throw CommandFailure.misused("--header takes the name and the value of a field");
            }
            if (fields.first(name).isPresent()) {
                throw CommandFailure.misused("--header names " + name + " twice");
            }
            fields = fields.with(name, value);
        }
        return fields;
    }

    private Optional<Identity> readIdentity() throws CommandFailure {
        var file = identity;
        if (file == null) {
            return Optional.empty();
        }
        try {
            if (Files.size(file) > MAX_IDENTITY_BYTES) {
                throw CommandFailure.failed(file + " is too long for a PKCS#12 file");
            }
            byte[] bytes = Files.readAllBytes(file);
            // Without its password only the form can be checked.
            KeyStore.getInstance("PKCS12").load(new ByteArrayInputStream(bytes), null);
            return Optional.of(new Identity(String.valueOf(file.getFileName()), bytes));
        } catch (IOException | GeneralSecurityException e) {
            throw CommandFailure.failed(
                    file + " is no readable PKCS#12 file: " + Failures.textOf(e));
        }
    }
}
