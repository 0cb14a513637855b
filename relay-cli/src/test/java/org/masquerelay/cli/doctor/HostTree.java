package org.masquerelay.cli.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A directory that looks like `/` of a host.
record HostTree(Path root) {
    /// What deploy/host sets, and the limits of a unit that follows its README.
    static HostTree asRecommended(Path root) throws IOException {
        var tree = new HostTree(root);
        for (String file : new String[] {"90-masque.conf", "91-masque-conntrack.conf"}) {
            for (String line : Files.readAllLines(Path.of("../deploy/host", file))) {
                String[] setting = line.split("=", 2);
                if (!line.startsWith("#") && setting.length == 2) {
                    tree.set(setting[0].strip(), setting[1].strip());
                }
            }
        }
        tree.set("net.netfilter.nf_conntrack_count", "17");
        tree.openFiles("1048576");
        return tree;
    }

    HostFiles files() {
        return new HostFiles(root);
    }

    void set(String name, String value) throws IOException {
        write("proc/sys/" + name.replace('.', '/'), value + "\n");
    }

    void unset(String name) throws IOException {
        Files.delete(root.resolve("proc/sys/" + name.replace('.', '/')));
    }

    void openFiles(String hard) throws IOException {
        write(
                "proc/self/limits",
                """
                Limit                     Soft Limit           Hard Limit           Units
                Max processes             96365                96365                processes
                Max open files            1024                 %s               files
                Max locked memory         8388608              8388608              bytes
                """
                        .formatted(hard));
    }

    void write(String path, String text) throws IOException {
        var file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
