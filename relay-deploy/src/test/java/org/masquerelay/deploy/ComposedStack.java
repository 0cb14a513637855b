package org.masquerelay.deploy;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.masquerelay.cli.stack.FreePorts;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ComposeContainer;
import org.testcontainers.containers.ContainerState;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.lifecycle.Startable;

/// What docker-compose.yml starts, without Grafana and with the second ingress, at free ports.
///
/// It is built from the jars that are there: `./mvnw package` comes before.
final class ComposedStack implements Startable {
    /// For everything that a container is waited for, on a machine with few processors.
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /// Of the networks; `docker-compose.yml` has the rest.
    static final String IPV4_PREFIX = "172.30.78";

    private static final String[] SERVICES = {"ingress", "ingress-b", "target", "prometheus"};

    /// What a test waits for the tunnels that a relay which stops has left.
    static final Duration DRAIN = Duration.ofSeconds(10);

    private final List<Integer> ports;
    private final ComposeContainer compose;
    private final HttpClient http = HttpClient.newHttpClient();

    ComposedStack() {
        try {
            ports = FreePorts.find(4);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        compose =
                new ComposeContainer("relay", new File("../docker-compose.yml").getAbsoluteFile())
                        .withServices(SERVICES)
                        .withBuild(true)
                        .withPull(false)
                        .withEnv("INGRESS_PORT", Integer.toString(ingressPort()))
                        .withEnv("INGRESS_B_PORT", Integer.toString(otherIngressPort()))
                        .withEnv("ISSUER_PORT", Integer.toString(issuerPort()))
                        .withEnv("PROMETHEUS_PORT", Integer.toString(ports.get(3)))
                        .withEnv("DRAIN_TIMEOUT", DRAIN.toSeconds() + "s")
                        // So that its end is that of the second ingress, too.
                        .withEnv("COMPOSE_PROFILES", "two-ingresses")
                        // Beside a stack that somebody has started by hand.
                        .withEnv("IPV4_PREFIX", IPV4_PREFIX)
                        .withEnv("IPV6_PREFIX", "fd77:6d61:7372");
        for (var service : SERVICES) {
            if (!service.equals("target")) {
                compose.waitingFor(service, Wait.forHealthcheck().withStartupTimeout(PATIENCE));
            }
        }
    }

    @Override
    public void start() {
        compose.start();
    }

    @Override
    public void stop() {
        http.close();
        compose.stop();
    }

    int ingressPort() {
        return ports.get(0);
    }

    int otherIngressPort() {
        return ports.get(1);
    }

    int issuerPort() {
        return ports.get(2);
    }

    /// Brings a file of a container here.
    Path copy(String service, String file, Path directory) {
        var to = directory.resolve(service + "-" + Path.of(file).getFileName());
        try {
            container(service)
                    .copyFileFromContainer(
                            file,
                            in -> {
                                Files.write(to, in.readAllBytes());
                                return to;
                            });
        } catch (Exception e) {
            throw new IllegalStateException(file, e);
        }
        return to;
    }

    InspectContainerResponse inspect(String service) {
        return docker().inspectContainerCmd(container(service).getContainerId()).exec();
    }

    /// SIGTERM, and its end awaited.
    void stop(String service) {
        docker().stopContainerCmd(container(service).getContainerId())
                .withTimeout(Math.toIntExact(PATIENCE.toSeconds()))
                .exec();
    }

    void kill(String service) {
        docker().killContainerCmd(container(service).getContainerId()).exec();
    }

    /// Starts what has been stopped or killed, and waits until its health check is content.
    void startAgain(String service) throws Exception {
        docker().startContainerCmd(container(service).getContainerId()).exec();
        await(
                service + " is healthy",
                () -> "healthy".equals(inspect(service).getState().getHealth().getStatus()));
    }

    /// The value of a PromQL query; the sum if it has several, and 0 if it has none.
    double query(String expression) throws IOException, InterruptedException {
        double sum = 0;
        for (var result : results(expression)) {
            sum += result.getAsJsonObject().getAsJsonArray("value").get(1).getAsDouble();
        }
        return sum;
    }

    /// What a PromQL query finds.
    JsonArray results(String expression) throws IOException, InterruptedException {
        return prometheus("query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8))
                .getAsJsonArray("result");
    }

    /// The health of each alert rule: `ok` once it has been evaluated.
    List<String> ruleHealth() throws IOException, InterruptedException {
        var all = new ArrayList<String>();
        for (var group : prometheus("rules").getAsJsonArray("groups")) {
            for (var rule : group.getAsJsonObject().getAsJsonArray("rules")) {
                all.add(rule.getAsJsonObject().get("health").getAsString());
            }
        }
        return all;
    }

    private JsonObject prometheus(String question) throws IOException, InterruptedException {
        var uri = URI.create("http://127.0.0.1:%d/api/v1/%s".formatted(ports.get(3), question));
        var answer = http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IllegalArgumentException(question + ": " + answer.body());
        }
        return JsonParser.parseString(answer.body()).getAsJsonObject().getAsJsonObject("data");
    }

    static void await(String what, Callable<Boolean> condition) throws Exception {
        var end = Instant.now().plus(PATIENCE);
        while (!condition.call()) {
            if (Instant.now().isAfter(end)) {
                throw new AssertionError("not within " + PATIENCE + ": " + what);
            }
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        }
    }

    private ContainerState container(String service) {
        return compose.getContainerByServiceName(service).orElseThrow();
    }

    private static DockerClient docker() {
        return DockerClientFactory.lazyClient();
    }
}
