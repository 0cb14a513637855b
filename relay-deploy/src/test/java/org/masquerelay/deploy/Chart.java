package org.masquerelay.deploy;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import com.marcnuri.helm.TemplateCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The chart, rendered by Helm itself as release `relay` in the namespace `masque`.
final class Chart {
    static final Path DIRECTORY = Path.of("../helm");

    private Chart() {}

    static LintResult lint() {
        return new Helm(DIRECTORY).lint().strict().call();
    }

    /// @throws IllegalStateException as Helm does, with what is wrong with the values
    static List<Manifest> render(String values) {
        try {
            var file = Files.createTempFile("values", ".yaml");
            try {
                Files.writeString(file, values);
                return Manifest.parse(template().withValuesFile(file).call());
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static TemplateCommand template() {
        return new Helm(DIRECTORY)
                .template()
                .withName("relay")
                .withNamespace("masque")
                .withKubeVersion("1.31.0");
    }

    static Manifest find(List<Manifest> manifests, String kind, String name) {
        return manifests.stream()
                .filter(one -> one.kind().equals(kind) && one.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no " + kind + " " + name));
    }
}
