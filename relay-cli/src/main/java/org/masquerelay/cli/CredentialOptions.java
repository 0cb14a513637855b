package org.masquerelay.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.masquerelay.client.credentials.BearerFile;
import org.masquerelay.client.credentials.ConcealedProof;
import org.masquerelay.client.credentials.Password;
import org.masquerelay.client.credentials.SignedRequests;
import org.masquerelay.concealed.ConcealedKey;
import org.masquerelay.concealed.ConcealedSigner;
import org.masquerelay.http.RequestCredentials;
import org.masquerelay.key.KeyKind;
import org.masquerelay.key.PublicHalf;
import org.masquerelay.pki.KeyMatch;
import org.masquerelay.pki.Pem;
import org.masquerelay.signature.ComponentId;
import org.masquerelay.signature.MessageSigner;
import org.masquerelay.signature.SignatureRequirements;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.wire.WireFormatException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/// The options that say who asks, besides tokens, which are fetched when the relay wants them.
///
/// Secrets come from files, or a password from the terminal: what stands on a command line can be
/// read by every user of the machine.
final class CredentialOptions {
    /// A key or a password has a few KiB at most.
    private static final int MAX_BYTES = 64 * 1024;

    /// Long enough for a slow way to the relay, and short for who finds one in a memory dump.
    private static final Duration SIGNATURE_LIFETIME = Duration.ofSeconds(30);

    @ArgGroup(exclusive = false)
    private @Nullable Certificate certificate;

    @ArgGroup(exclusive = false)
    private @Nullable User user;

    @Option(
            names = "--bearer-file",
            paramLabel = "FILE",
            description =
                    "Show the bearer token (JWT) of this file; it is read anew for each tunnel.")
    private @Nullable Path bearer;

    @ArgGroup(exclusive = false)
    private @Nullable Signing signing;

    @ArgGroup(exclusive = false)
    private @Nullable Concealed concealed;

    /// Mutual TLS.
    static final class Certificate {
        @Option(
                names = "--cert",
                paramLabel = "FILE",
                required = true,
                description = "Show the relay this certificate: PEM, with those that sign it.")
        private Path chain = Path.of("");

        @Option(
                names = "--key",
                paramLabel = "FILE",
                required = true,
                description = "Its private key: PEM of PKCS #8.")
        private Path key = Path.of("");
    }

    /// Basic.
    static final class User {
        @Option(
                names = "--user",
                paramLabel = "NAME",
                required = true,
                description = "Show this name and a password.")
        private String name = "";

        @Option(
                names = "--password-file",
                paramLabel = "FILE",
                description =
                        "File whose first line is the password (default: asks at the terminal).")
        private @Nullable Path password;
    }

    /// HTTP Message Signatures.
    static final class Signing {
        @Option(
                names = "--sign-key",
                paramLabel = "FILE",
                required = true,
                description =
                        "Sign each request (RFC 9421) with this private key: PEM of PKCS #8, of"
                                + " Ed25519, P-256 or RSA.")
        private Path key = Path.of("");

        @Option(
                names = "--sign-id",
                paramLabel = "ID",
                required = true,
                description = "What the relay calls that key.")
        private String id = "";

        @Option(
                names = "--sign-tag",
                paramLabel = "TAG",
                description =
                        "The tag that the relay wants signatures to have"
                                + " (default: masque-relay).")
        private String tag = "masque-relay";

        @Option(
                names = "--sign-covers",
                paramLabel = "COMPONENT",
                split = ",",
                description = "What else the relay wants to have signed, such as @scheme.")
        private List<String> components = List.of();
    }

    /// Concealed authentication.
    static final class Concealed {
        @Option(
                names = "--conceal-key",
                paramLabel = "FILE",
                required = true,
                description =
                        "Prove this private key (RFC 9729): PEM of PKCS #8, of Ed25519, P-256 or"
                                + " RSA; RSA over HTTP/3 alone.")
        private Path key = Path.of("");

        @Option(
                names = "--conceal-id",
                paramLabel = "ID",
                required = true,
                description = "What the relay calls that key.")
        private String id = "";

        @Option(
                names = "--conceal-realm",
                paramLabel = "TEXT",
                description = "The realm that the relay's operator has given (default: none).")
        private String realm = "";
    }

    /// What TLS shows the relay, and whom it believes.
    TlsMaterial tls(List<X509Certificate> anchors) throws CommandFailure {
        var given = certificate;
        if (given == null) {
            return TlsMaterial.trusting(anchors);
        }
        var chain = ConnectionOptions.certificates(given.chain);
        var key = privateKey(given.key);
        try {
            KeyMatch.check(key, chain.getFirst().getPublicKey());
        } catch (GeneralSecurityException e) {
            throw CommandFailure.failed(
                    "--cert and --key do not belong together: " + Failures.textOf(e));
        }
        return new TlsMaterial(key, chain, anchors);
    }

    /// What each request shows the relay.
    RequestCredentials credentials() throws CommandFailure {
        var all = RequestCredentials.NONE;
        if (concealed != null) {
            all = all.and(proof(concealed));
        }
        if (user != null) {
            all = all.and(password(user));
        }
        if (bearer != null) {
            all = all.and(bearer(bearer));
        }
        return signing == null
                ? all
                : all.and(signatures(signing)); // It covers what the others add.
    }

    private static RequestCredentials proof(Concealed given) throws CommandFailure {
        var key = privateKey(given.key);
        var half = PublicHalf.of(key);
        if (half.isEmpty() || given.id.isEmpty()) {
            throw given.id.isEmpty()
                    ? CommandFailure.misused("--conceal-id is empty")
                    : CommandFailure.failed(ofUnknownKind(given.key));
        }
        var id = ImmutableBytes.copyOf(given.id.getBytes(StandardCharsets.UTF_8));
        return new ConcealedProof(
                new ConcealedSigner(ConcealedKey.of(id, half.get()), key, given.realm));
    }

    private static RequestCredentials signatures(Signing given) throws CommandFailure {
        var key = privateKey(given.key);
        if (KeyKind.of(key).isEmpty()) {
            throw CommandFailure.failed(ofUnknownKind(given.key));
        }
        // How old a signature may be is the relay's business.
        var wanted =
                new SignatureRequirements(
                        given.tag, SIGNATURE_LIFETIME, Duration.ZERO, components(given));
        return new SignedRequests(
                new MessageSigner(
                        given.id,
                        key,
                        wanted,
                        SIGNATURE_LIFETIME,
                        InstantSource.system(),
                        new SecureRandom()));
    }

    private static List<ComponentId> components(Signing given) throws CommandFailure {
        var components = new ArrayList<ComponentId>();
        for (var notation : given.components) {
            try {
                components.add(ComponentId.parse(notation));
            } catch (WireFormatException e) {
                throw CommandFailure.misused("--sign-covers: " + Failures.textOf(e));
            }
        }
        return components;
    }

    private static String ofUnknownKind(Path file) {
        return file + " has a key of another kind than Ed25519, P-256 and RSA of 2048 bits or more";
    }

    private static RequestCredentials password(User given) throws CommandFailure {
        var file = given.password;
        String password =
                file == null
                        ? PasswordInput.asked(given.name)
                        : text(file).lines().findFirst().orElse("");
        try {
            return new Password(given.name, password);
        } catch (IllegalArgumentException e) {
            throw CommandFailure.misused("--user: " + Failures.textOf(e));
        }
    }

    private static RequestCredentials bearer(Path file) throws CommandFailure {
        var credentials = new BearerFile(file);
        try {
            credentials.refresh();
        } catch (NoSuchFileException _) {
            throw noFile(file);
        } catch (IOException e) {
            throw CommandFailure.failed("--bearer-file: " + Failures.textOf(e));
        }
        return credentials;
    }

    /// The one private key of a PEM file.
    static PrivateKey privateKey(Path file) throws CommandFailure {
        try {
            return Pem.privateKey(text(file));
        } catch (IOException e) {
            throw CommandFailure.failed(file + " has no readable key: " + Failures.textOf(e));
        }
    }

    private static String text(Path file) throws CommandFailure {
        try (var in = Files.newInputStream(file)) {
            return new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
        } catch (NoSuchFileException _) {
            throw noFile(file);
        } catch (IOException e) {
            throw CommandFailure.failed(file + " cannot be read: " + Failures.textOf(e));
        }
    }

    private static CommandFailure noFile(Path file) {
        return CommandFailure.failed("there is no file " + file);
    }
}
