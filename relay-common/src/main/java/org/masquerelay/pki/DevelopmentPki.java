package org.masquerelay.pki;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.masquerelay.pki.CertificateAuthority.Purpose;
import org.masquerelay.transport.ClientRules;
import org.masquerelay.transport.TlsMaterial;

/// Certificates and keys for relays that try things out on one machine.
///
/// Two authorities: one signs what servers show, the other signs who may enter an egress, so a
/// server certificate opens no tunnel. Their keys are dropped once everything is signed; when a
/// certificate is about to expire, all of them are made anew.
public final class DevelopmentPki {
    public static final Duration VALIDITY = Duration.ofDays(30);

    /// A relay that starts with what is left runs for at least so long.
    public static final Duration RENEWED_BEFORE_END = Duration.ofDays(3);

    private static final String SERVER_CA = "server-ca.crt";
    private static final String ENTRY_CA = "entry-ca.crt";
    private static final String INGRESS = "ingress";
    private static final String INGRESS_CLIENT = "ingress-client";
    private static final String EGRESS = "egress";
    private static final String ISSUER_KEY = "issuer.key";
    private static final String EGRESS_ISSUER_KEY = "egress-issuer.key";
    private static final String TENANT_KEY = "tenant.key";
    private static final int TENANT_KEY_BYTES = 32;
    private static final int ISSUER_KEY_BITS = 2048;

    /// File locks are held by the whole process; this one tells its threads apart.
    private static final ReentrantLock THREADS = new ReentrantLock();

    private final Path directory;
    private final List<X509Certificate> serverAnchors;
    private final List<X509Certificate> entryAnchors;
    private final TlsMaterial ingress;
    private final TlsMaterial ingressClient;
    private final TlsMaterial egress;
    private final PrivateKey issuerKey;

    private DevelopmentPki(Path directory) throws IOException {
        this.directory = directory;
        serverAnchors = Pem.certificates(Files.readString(directory.resolve(SERVER_CA)));
        entryAnchors = Pem.certificates(Files.readString(directory.resolve(ENTRY_CA)));
        ingress = material(INGRESS);
        ingressClient = material(INGRESS_CLIENT).with(serverAnchors, ClientRules.NONE);
        egress = material(EGRESS).with(entryAnchors, ClientRules.NONE);
        issuerKey = Pem.privateKey(Files.readString(directory.resolve(ISSUER_KEY)));
    }

    /// Reads what the directory holds, and makes what is missing, damaged or about to expire.
    /// Blocks while another process does the same.
    public static DevelopmentPki open(Path directory, Clock clock) throws IOException {
        PrivateFiles.createDirectory(directory);
        return alone(directory, () -> openLocked(directory, clock.instant()));
    }

    private interface Action<T> {
        T run() throws IOException;
    }

    /// Runs `action` while nobody else does anything in the directory.
    private static <T> T alone(Path directory, Action<T> action) throws IOException {
        THREADS.lock();
        try (var channel =
                        FileChannel.open(
                                directory.resolve(".lock"),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE);
                var _ = channel.lock()) {
            return action.run();
        } finally {
            THREADS.unlock();
        }
    }

    /// What the ingress shows its clients.
    public TlsMaterial ingressServer() {
        return ingress;
    }

    /// What the ingress shows the egress, and whom it takes for one.
    public TlsMaterial ingressUpstream() {
        return ingressClient;
    }

    /// What the egress shows, and who may enter it.
    public TlsMaterial egressServer() {
        return egress;
    }

    /// What an end user trusts.
    public TlsMaterial client() {
        return TlsMaterial.trusting(serverAnchors);
    }

    /// The file with what an end user trusts.
    public Path clientAnchors() {
        return directory.resolve(SERVER_CA);
    }

    /// The RSA key of the development token issuer of an ingress; it outlives the certificates.
    public PrivateKey issuerKey() {
        return issuerKey;
    }

    /// The same of an egress: a token for one relay says nothing at the other. Made when it is
    /// asked for first.
    public PrivateKey egressIssuerKey() throws IOException {
        var file = directory.resolve(EGRESS_ISSUER_KEY);
        return alone(
                directory,
                () -> {
                    try {
                        makeIssuerKey(file);
                    } catch (GeneralSecurityException e) {
                        throw new IOException("the development issuer key cannot be made", e);
                    }
                    return Pem.privateKey(Files.readString(file));
                });
    }

    /// The 32 bytes that an ingress and an egress in development share to tell each other of
    /// tenants. Made when they are asked for first.
    public byte[] tenantKey() throws IOException {
        var file = directory.resolve(TENANT_KEY);
        return alone(
                directory,
                () -> {
                    if (!Files.exists(file)) {
                        byte[] key = new byte[TENANT_KEY_BYTES];
                        new SecureRandom().nextBytes(key);
                        PrivateFiles.write(file, Base64.getEncoder().encodeToString(key) + "\n");
                    }
                    try {
                        return Base64.getDecoder().decode(Files.readString(file).strip());
                    } catch (IllegalArgumentException e) {
                        throw new IOException(file + " holds no base64", e);
                    }
                });
    }

    private static DevelopmentPki openLocked(Path directory, Instant now) throws IOException {
        try {
            var found = new DevelopmentPki(directory);
            if (found.isGoodAt(now.plus(RENEWED_BEFORE_END))) {
                return found;
            }
        } catch (IOException _) {
            // Nothing there yet, or not what it should be: made below.
        }
        try {
            make(directory, now);
        } catch (GeneralSecurityException e) {
            throw new IOException("the development certificates cannot be made", e);
        }
        return new DevelopmentPki(directory);
    }

    private boolean isGoodAt(Instant when) {
        return isGood(ingress, serverAnchors, when)
                && isGood(egress, serverAnchors, when)
                && isGood(ingressClient, entryAnchors, when);
    }

    private static boolean isGood(TlsMaterial material, List<X509Certificate> anchors, Instant at) {
        try {
            var leaf = material.chain().getFirst();
            leaf.checkValidity(java.util.Date.from(at));
            leaf.verify(anchors.getFirst().getPublicKey());
            KeyMatch.check(Objects.requireNonNull(material.key()), leaf.getPublicKey());
            return true;
        } catch (GeneralSecurityException _) {
            return false;
        }
    }

    private static void make(Path directory, Instant now)
            throws IOException, GeneralSecurityException {
        var servers = CertificateAuthority.create("Relay development servers", now, VALIDITY);
        var entry = CertificateAuthority.create("Relay development entry", now, VALIDITY);
        write(directory, INGRESS, servers.issue(INGRESS, Purpose.SERVER, hosts(INGRESS)));
        write(directory, EGRESS, servers.issue(EGRESS, Purpose.SERVER, hosts(EGRESS)));
        var client = entry.issue(INGRESS_CLIENT, Purpose.CLIENT, List.of(INGRESS_CLIENT));
        write(directory, INGRESS_CLIENT, client);
        PrivateFiles.write(directory.resolve(SERVER_CA), Pem.text(List.of(servers.certificate())));
        PrivateFiles.write(directory.resolve(ENTRY_CA), Pem.text(List.of(entry.certificate())));
        makeIssuerKey(directory.resolve(ISSUER_KEY));
    }

    private static void makeIssuerKey(Path file) throws IOException, GeneralSecurityException {
        try {
            Pem.privateKey(Files.readString(file));
        } catch (IOException _) {
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(ISSUER_KEY_BITS);
            PrivateFiles.write(file, Pem.text(generator.generateKeyPair().getPrivate()));
        }
    }

    private static List<String> hosts(String name) {
        return List.of("localhost", "127.0.0.1", "::1", name);
    }

    private static void write(Path directory, String name, TlsMaterial material)
            throws IOException, InvalidKeyException {
        var key = material.key();
        if (key == null) {
            throw new InvalidKeyException("no key for " + name);
        }
        PrivateFiles.write(directory.resolve(name + ".key"), Pem.text(key));
        PrivateFiles.write(directory.resolve(name + ".crt"), Pem.text(material.chain()));
    }

    private TlsMaterial material(String name) throws IOException {
        var key = Pem.privateKey(Files.readString(directory.resolve(name + ".key")));
        var chain = Pem.certificates(Files.readString(directory.resolve(name + ".crt")));
        return new TlsMaterial(key, chain, List.of());
    }
}
