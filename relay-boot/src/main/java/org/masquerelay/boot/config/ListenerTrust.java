package org.masquerelay.boot.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.masquerelay.boot.config.BundleMaterial.Need;
import org.masquerelay.pki.Pem;
import org.masquerelay.transport.TlsMaterial;
import org.springframework.boot.ssl.SslBundles;

/// Finds out which clients a listener trusts.
///
/// @param own what the relay shows, and whom it trusts where a listener does not say otherwise
/// @param bundles those that a listener may name
/// @param files what watches the files that a listener names
/// @param alwaysOwn whether the relay's own trust holds beside that of a listener
public record ListenerTrust(
        Supplier<TlsMaterial> own, SslBundles bundles, WatchedFiles files, boolean alwaysOwn) {
    private static final String FILE = "file:";

    /// The material of the listener that `property` configures, which asks for certificates.
    Supplier<TlsMaterial> material(String property, ListenerProperties listener) {
        var anchors = new ArrayList<Supplier<List<X509Certificate>>>();
        if (!listener.clientTrust().isEmpty()) {
            anchors.add(named(property + ".client-trust", listener.clientTrust()));
        }
        if (listener.clientTrust().isEmpty() || alwaysOwn) {
            anchors.add(() -> own.get().anchors());
        }
        var revocations =
                listener.clientCrl().stream()
                        .map(file -> revocations(property + ".client-crl", file, anchors))
                        .toList();
        var material =
                new ListenerMaterial(own, anchors, revocations, listener.clientDirectlySigned());
        if (material.get().anchors().isEmpty()) {
            throw new BadSettingException(
                    property + ".client-auth",
                    "asks clients for certificates, but no authority is trusted to sign them",
                    "Set "
                            + property
                            + ".client-trust, or give the bundle of relay.tls.bundle a trust"
                            + " store, or set client-auth to none");
        }
        return material;
    }

    private Supplier<List<X509Certificate>> named(String property, String text) {
        if (!text.startsWith(FILE)) {
            var bundle = BundleMaterial.of(property, text, Set.of(Need.TRUST), bundles);
            return () -> bundle.get().anchors();
        }
        return files.watch(
                property,
                Path.of(text.substring(FILE.length())),
                "Name a file with certificates of authorities in PEM, or an SSL bundle",
                content -> Pem.certificates(new String(content, StandardCharsets.US_ASCII)));
    }

    private Supplier<List<X509CRL>> revocations(
            String property, String file, List<Supplier<List<X509Certificate>>> anchors) {
        return files.watch(
                property,
                Path.of(file.startsWith(FILE) ? file.substring(FILE.length()) : file),
                "Name files with lists of revoked certificates, in PEM or DER",
                content ->
                        RevocationList.read(
                                property,
                                content,
                                anchors.stream().flatMap(some -> some.get().stream()).toList()));
    }
}
