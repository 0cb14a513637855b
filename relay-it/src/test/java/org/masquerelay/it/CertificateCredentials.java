package org.masquerelay.it;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.masquerelay.pki.Pem;
import org.masquerelay.testkit.ClientCa;
import org.masquerelay.testkit.ClientCa.Client;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HeaderFields;

/// Client certificates of an authority that the ingress trusts, with a list of what it has revoked.
///
/// @param listener that asks for them
/// @param asking `want` or `require`
/// @param strangers what becomes of who has none that counts
record CertificateCredentials(
        ClientCa authority, TlsMaterial revoked, int listener, String asking, Answer strangers)
        implements Credentials {

    /// Certificates that the first listener asks for, and does not insist on.
    static CertificateCredentials wanted(Answer strangers) {
        var authority = ClientCa.root("clients");
        var revoked = authority.issue(Client.of("mallory"), List.of());
        return new CertificateCredentials(authority, revoked, 0, "want", strangers);
    }

    /// The same certificates at a second listener, which insists.
    CertificateCredentials required() {
        return new CertificateCredentials(authority, revoked, 1, "require", Answer.NO_CONNECTION);
    }

    @Override
    public String scheme() {
        return "mtls";
    }

    @Override
    public String label() {
        return scheme() + " (" + asking + ")";
    }

    @Override
    public List<String> settings(Path directory) throws Exception {
        var trusted =
                Files.writeString(
                        directory.resolve("clients.crt"),
                        Pem.text(List.of(authority.certificate())));
        var list = authority.revoking(revoked.chain().getFirst()).getEncoded();
        var revocations =
                Files.writeString(
                        directory.resolve("clients.crl"),
                        "-----BEGIN X509 CRL-----\n"
                                + Base64.getMimeEncoder().encodeToString(list)
                                + "\n-----END X509 CRL-----\n");
        var name = "--relay.listeners[" + listener + "].";
        var settings = new ArrayList<String>();
        if (listener > 0) {
            settings.add(name + "name=" + asking);
            settings.add(name + "address=127.0.0.1");
            settings.add(name + "port=0");
        }
        settings.add(name + "client-auth=" + asking);
        settings.add(name + "client-trust=file:" + trusted);
        settings.add(name + "client-crl=" + revocations);
        return settings;
    }

    @Override
    public String challenge() {
        return "";
    }

    @Override
    public Answer answer(Case which) {
        return switch (which) {
            case ABSENT, WRONG_KEY, EXPIRED, REVOKED -> strangers;
            case MALFORMED -> Answer.REFUSED; // It counts, but names nobody.
            case REPLAYED, RIGHT -> Answer.TUNNEL;
        };
    }

    @Override
    public TlsMaterial tls(Case which, TlsMaterial plain) {
        var alice = Client.of("alice");
        return switch (which) {
            case ABSENT -> plain;
            case MALFORMED -> authority.issue(Client.of("alice and bob"), plain.anchors());
            case WRONG_KEY -> ClientCa.root("clients").issue(alice, plain.anchors());
            case EXPIRED -> authority.issue(alice.expired(), plain.anchors());
            case REVOKED -> new TlsMaterial(revoked.key(), revoked.chain(), plain.anchors());
            case REPLAYED, RIGHT -> authority.issue(alice, plain.anchors());
        };
    }

    @Override
    public HeaderFields fields(Case which, Attempt attempt) {
        return HeaderFields.NONE;
    }
}
