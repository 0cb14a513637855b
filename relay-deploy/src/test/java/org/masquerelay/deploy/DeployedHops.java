package org.masquerelay.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.masquerelay.boot.ops.RelayLifecycle;
import org.masquerelay.cli.Console;
import org.masquerelay.cli.RelayCommand;
import org.masquerelay.egress.EgressApp;
import org.masquerelay.ingress.IngressApp;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/// The apps of a rendered chart, in this JVM: with the files that their pods would mount, on other
/// ports. Their configuration stands in for the defaults in their jars, as there are two of these
/// here.
final class DeployedHops implements AutoCloseable {
    private static final String NAME = "relay-masque-relay-";
    private static final String DIRECTORY = "/.well-known/private-token-issuer-directory";
    private static final String ROOT = "/etc/masque-relay/";

    private final Path directory;
    private final List<Manifest> manifests;
    private final List<ConfigurableApplicationContext> apps = new ArrayList<>();

    private DeployedHops(Path directory, List<Manifest> manifests) {
        this.directory = directory;
        this.manifests = manifests;
    }

    /// @param values with `localhost` in `egress.hosts`, and as `issuer.host` of one that is
    ///   deployed
    static DeployedHops start(Path directory, String values) throws IOException {
        var hops = new DeployedHops(directory, Chart.render(values));
        try {
            var next = new ArrayList<String>();
            if (hops.has("issuer")) {
                int issuer = hops.run(IngressApp.class, "issuer", List.of());
                next.add("--relay.auth.issuers[0].name=localhost");
                next.add(
                        "--relay.auth.issuers[0].directory=https://localhost:"
                                + issuer
                                + DIRECTORY);
                next.add("--relay.auth.issuers[0].tls-bundle=issuer");
            }
            int egress = hops.run(EgressApp.class, "egress", List.of());
            next.add("--relay.upstream.uri=https://localhost:" + egress);
            next.add("--relay.upstream.discovery.records=none"); // No name server knows it here.
            hops.run(IngressApp.class, "ingress", next);
            return hops;
        } catch (IOException | RuntimeException failure) {
            hops.close();
            throw failure;
        }
    }

    private boolean has(String component) {
        return manifests.stream()
                .anyMatch(one ->
                        one.kind().equals("Deployment") && one.name().equals(NAME + component));
    }

    private int run(Class<?> app, String component, List<String> more) throws IOException {
        mount(component);
        var arguments =
                new ArrayList<>(
                        List.of(
                                "--spring.config.location=file:" + config(component),
                                "--spring.jmx.enabled=false",
                                "--server.address=127.0.0.1",
                                "--server.port=0",
                                "--relay.drain.timeout=1s",
                                "--relay.listeners[0].name=main",
                                "--relay.listeners[0].address=127.0.0.1",
                                "--relay.listeners[0].port=0"));
        arguments.addAll(more);
        var context = new SpringApplicationBuilder(app).run(arguments.toArray(String[]::new));
        apps.add(context);
        return port(context);
    }

    /// Writes what the volumes of a pod have below [#ROOT] to a directory, and its configuration
    /// with that directory for `/etc/masque-relay`.
    private void mount(String component) throws IOException {
        var deployment = Chart.find(manifests, "Deployment", NAME + component);
        var pod = deployment.pod().orElseThrow();
        for (var mount : Manifest.objects(deployment.container(), "volumeMounts")) {
            var path = mount.get("mountPath").getAsString();
            var volume =
                    Manifest.objects(pod, "volumes").stream()
                            .filter(one -> one.get("name").equals(mount.get("name")))
                            .findFirst()
                            .orElseThrow();
            if (volume.has("secret")) {
                var secret = volume.getAsJsonObject("secret");
                var data =
                        Chart.find(manifests, "Secret", secret.get("secretName").getAsString())
                                .json()
                                .getAsJsonObject("data");
                for (var item : Manifest.objects(secret, "items")) {
                    var bytes =
                            Base64.getDecoder()
                                    .decode(data.get(item.get("key").getAsString()).getAsString());
                    Files.write(within(component, path, item.get("path").getAsString()), bytes);
                }
            }
        }
        var text =
                Chart.find(manifests, "ConfigMap", NAME + component)
                        .json()
                        .getAsJsonObject("data")
                        .get("application.yml")
                        .getAsString();
        Files.writeString(config(component), text.replace(ROOT, root(component) + "/"));
    }

    private Path root(String component) {
        return directory.resolve(component);
    }

    private Path config(String component) {
        return root(component).resolve("application.yml");
    }

    private Path within(String component, String mountPath, String file) throws IOException {
        var path = root(component).resolve(mountPath.substring(ROOT.length()));
        return Files.createDirectories(path).resolve(file);
    }

    private static int port(ConfigurableApplicationContext context) {
        return context.getBean(RelayLifecycle.class).addresses().getFirst().getPort();
    }

    /// The first tunnel of NOTES.txt.
    ///
    /// @return what the command has printed, if it succeeded
    String get(String url, String transports) throws IOException {
        var ca =
                Chart.find(manifests, "Secret", NAME + "ingress-tls")
                        .json()
                        .getAsJsonObject("data")
                        .get("ca.crt")
                        .getAsString();
        var file = Files.write(directory.resolve("relay-ca.crt"), Base64.getDecoder().decode(ca));
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var console =
                new Console(
                        new ByteArrayInputStream(new byte[0]),
                        new PrintStream(out, true, UTF_8),
                        new PrintStream(err, true, UTF_8),
                        false);
        int status =
                RelayCommand.commandLine(console)
                        .execute(
                                "get",
                                "--relay",
                                "localhost:" + port(apps.getLast()),
                                "--transports",
                                transports,
                                "--ca",
                                file.toString(),
                                "--timeout",
                                "20s",
                                url);
        if (status != 0) {
            throw new IOException(err.toString(UTF_8));
        }
        return out.toString(UTF_8);
    }

    /// What both apps answer to Prometheus.
    List<String> scrapes() {
        return apps.stream()
                .map(app -> app.getBean(PrometheusMeterRegistry.class).scrape())
                .toList();
    }

    /// The status of a request to the management port of the ingress.
    int management(String method, String path) throws IOException, InterruptedException {
        var port = apps.getLast().getEnvironment().getRequiredProperty("local.server.port");
        try (var client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                    .method(method, HttpRequest.BodyPublishers.noBody())
                                    .build(),
                            BodyHandlers.discarding())
                    .statusCode();
        }
    }

    @Override
    public void close() {
        apps.reversed().forEach(ConfigurableApplicationContext::close);
    }
}
