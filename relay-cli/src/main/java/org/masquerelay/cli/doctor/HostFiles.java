package org.masquerelay.cli.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// What the kernel tells in files, and the host's configuration.
///
/// @param root `/`, or a tree that looks like it
public record HostFiles(Path root) {
    /// A full IPv6 routing table of the Internet is longer; nothing that is looked for is.
    private static final int MAX_BYTES = 16 << 20;

    /// The lines of a file such as `proc/net/route`; none when it cannot be read.
    List<String> lines(String path) {
        try (var in = Files.newInputStream(root.resolve(path))) {
            return new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException _) {
            return List.of();
        }
    }

    boolean exists(String path) {
        return Files.exists(root.resolve(path));
    }

    /// The value of a setting such as `net.core.rmem_max`; empty when the kernel does not have it.
    Optional<String> setting(String name) {
        return lines("proc/sys/" + name.replace('.', '/')).stream().findFirst().map(String::strip);
    }

    OptionalLong number(String name) {
        return setting(name)
                .filter(text -> text.matches("\\d{1,18}"))
                .map(text -> OptionalLong.of(Long.parseLong(text)))
                .orElse(OptionalLong.empty());
    }
}
