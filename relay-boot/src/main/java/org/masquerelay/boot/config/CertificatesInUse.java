package org.masquerelay.boot.config;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.masquerelay.transport.TlsMaterial;

/// The certificates that this relay shows others. One per app, filled while it starts.
public final class CertificatesInUse {
    private final List<Shown> all = new CopyOnWriteArrayList<>();

    /// A chain that is shown now.
    ///
    /// @param bundle the name of its SSL bundle
    /// @param problem why the files it was read from cannot be used any more, if so
    public record Shown(
            String bundle, Supplier<TlsMaterial> material, Supplier<Optional<String>> problem) {}

    void add(Shown shown) {
        if (!shown.material().get().chain().isEmpty() && of(shown.bundle()).isEmpty()) {
            all.add(shown);
        }
    }

    /// Each bundle once, in the order of the configuration.
    public List<Shown> all() {
        return List.copyOf(all);
    }

    /// What is shown of one bundle.
    public Optional<Shown> of(String bundle) {
        return all.stream().filter(shown -> shown.bundle().equals(bundle)).findFirst();
    }
}
