package org.masquerelay.it;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.List;

/// Keys that clients prove, and how an ingress knows them.
final class ClientKeys {
    private ClientKeys() {}

    /// A key of the size that the JDK takes for the algorithm.
    static KeyPair generate(String algorithm) {
        try {
            return KeyPairGenerator.getInstance(algorithm).generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /// The arguments of one entry of a list of keys.
    static List<String> settings(Path directory, String entry, String id, KeyPair keys)
            throws Exception {
        var encoded = Base64.getMimeEncoder().encodeToString(keys.getPublic().getEncoded());
        var file =
                Files.writeString(
                        directory.resolve(entry + ".pem"),
                        "-----BEGIN PUBLIC KEY-----\n" + encoded + "\n-----END PUBLIC KEY-----\n");
        return List.of("--" + entry + ".id=" + id, "--" + entry + ".key=file:" + file);
    }
}
