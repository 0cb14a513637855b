package org.masquerelay.pki;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import org.masquerelay.pki.CertificateAuthority.Purpose;
import org.masquerelay.transport.TlsMaterial;

/// Certificates and secrets to try a relay whose processes share no files: a directory for each
/// process, with what that one needs and nothing of the others.
///
/// | Directory | Files |
/// | --- | --- |
/// | `ingress` | `tls.crt`, `tls.key`, for the egress `client.crt`, `client.key`; `server-ca.crt`, `challenge-secret` |
/// | `egress` | `tls.crt`, `tls.key`, `entry-ca.crt` |
/// | `issuer` | `tls.crt`, `tls.key` |
/// | `client` | `ca.crt` |
///
/// Authorities are as those of [DevelopmentPki]: their keys are never written down.
public final class TrialPki {
    private static final List<String> SERVERS = List.of("ingress", "egress", "issuer");
    private static final int SECRET_BYTES = 32;

    private final Path directory;

    public TrialPki(Path directory) {
        this.directory = directory;
    }

    /// Whether all is there and will do for [DevelopmentPki#RENEWED_BEFORE_END] more.
    public boolean isGoodAt(Instant now) {
        try {
            var until = Date.from(now.plus(DevelopmentPki.RENEWED_BEFORE_END));
            var authority = certificate(Path.of("client", "ca.crt"));
            var entry = certificate(Path.of("egress", "entry-ca.crt"));
            for (var server : SERVERS) {
                check(Path.of(server, "tls"), authority, until);
            }
            check(Path.of("ingress", "client"), entry, until);
            return certificate(Path.of("ingress", "server-ca.crt")).equals(authority)
                    && Files.exists(directory.resolve("ingress/challenge-secret"));
        } catch (IOException | GeneralSecurityException _) {
            return false;
        }
    }

    /// Makes all of it anew. Relays that run follow the files.
    ///
    /// @param names of every server, beside its own and those of this machine
    public void make(Instant now, List<String> names) throws IOException {
        try {
            var servers = CertificateAuthority.create("Relay trial", now, DevelopmentPki.VALIDITY);
            var entry =
                    CertificateAuthority.create("Relay trial entry", now, DevelopmentPki.VALIDITY);
            for (var server : SERVERS) {
                var hosts = new ArrayList<>(List.of("localhost", "127.0.0.1", "::1", server));
                hosts.addAll(names);
                write(Path.of(server, "tls"), servers.issue(server, Purpose.SERVER, hosts));
            }
            var client = entry.issue("ingress", Purpose.CLIENT, List.of("ingress"));
            write(Path.of("ingress", "client"), client);
            write("egress/entry-ca.crt", Pem.text(List.of(entry.certificate())));
            write("ingress/server-ca.crt", Pem.text(List.of(servers.certificate())));
            write("client/ca.crt", Pem.text(List.of(servers.certificate())));
        } catch (GeneralSecurityException e) {
            throw new IOException("the certificates cannot be made", e);
        }
        byte[] secret = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(secret);
        write("ingress/challenge-secret", Base64.getEncoder().encodeToString(secret) + "\n");
    }

    private void check(Path name, X509Certificate authority, Date until)
            throws IOException, GeneralSecurityException {
        var own = certificate(Path.of(name + ".crt"));
        own.checkValidity(until);
        own.verify(authority.getPublicKey());
        var key = Pem.privateKey(Files.readString(directory.resolve(name + ".key")));
        KeyMatch.check(key, own.getPublicKey());
    }

    private X509Certificate certificate(Path name) throws IOException {
        return Pem.certificates(Files.readString(directory.resolve(name))).getFirst();
    }

    private void write(Path name, TlsMaterial material) throws IOException, InvalidKeyException {
        var key = material.key();
        if (key == null) {
            throw new InvalidKeyException("no key for " + name);
        }
        write(name + ".key", Pem.text(key));
        write(name + ".crt", Pem.text(material.chain()));
    }

    private void write(String name, String text) throws IOException {
        var file = directory.resolve(name);
        PrivateFiles.createDirectory(Objects.requireNonNull(file.getParent()));
        PrivateFiles.write(file, text);
    }
}
