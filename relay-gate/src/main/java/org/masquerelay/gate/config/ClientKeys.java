package org.masquerelay.gate.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.pki.Pem;
import org.masquerelay.tunnel.Tenant;

/// Reads the public keys of clients from the configuration.
///
/// @param property where they are configured
record ClientKeys(String property, List<ClientKeyProperties> keys) {
    private static final String FILE = "file:";

    /// Each key as `make` has it of its identifier and itself, in their order.
    ///
    /// @throws BadSettingException when one is unusable, or an identifier comes twice
    <T> Map<ClientKeyProperties, T> read(BiFunction<String, PublicKey, T> make) {
        var ids = new HashSet<String>();
        var read = new LinkedHashMap<ClientKeyProperties, T>();
        for (int i = 0; i < keys.size(); i++) {
            var one = keys.get(i);
            if (!ids.add(one.id())) {
                throw new BadSettingException(
                        at(i) + ".id", "is that of another key too", "Give each key its own");
            }
            try {
                read.put(one, make.apply(one.id(), key(i, one)));
            } catch (IllegalArgumentException e) {
                throw new BadSettingException(
                        at(i) + ".key",
                        "cannot be used: " + e.getMessage(),
                        "Set it to a public key of Ed25519, P-256, or RSA of 2048 to 8192 bits");
            }
        }
        return read;
    }

    private String at(int index) {
        return property + "[" + index + "]";
    }

    private PublicKey key(int index, ClientKeyProperties one) {
        try {
            var text =
                    one.key().startsWith(FILE)
                            ? Files.readString(Path.of(one.key().substring(FILE.length())))
                            : one.key();
            return Pem.publicKey(text);
        } catch (IOException e) {
            throw new BadSettingException(
                    at(index) + ".key",
                    "cannot be read: " + e.getMessage(),
                    "Set it to a public key as PEM, or to file: and a path to PEM");
        }
    }

    /// Who has the key with this index.
    Optional<Tenant> tenant(int index) {
        var tenant = keys.get(index).tenant();
        if (!tenant.isEmpty() && !Tenant.isValid(tenant)) {
            throw new BadSettingException(
                    at(index) + ".tenant",
                    "is no name of a tenant",
                    "Set it to 1 to 256 printable ASCII characters without spaces");
        }
        return tenant.isEmpty() ? Optional.empty() : Optional.of(new Tenant(tenant));
    }

    /// @throws BadSettingException when there is no key, although the scheme is in force
    void checkSome(String scheme) {
        if (keys.isEmpty()) {
            throw new BadSettingException(
                    property,
                    "is empty, so the scheme " + scheme + " could let nobody in",
                    "List the public keys of clients, or take "
                            + scheme
                            + " out of relay.auth.admit");
        }
    }
}
