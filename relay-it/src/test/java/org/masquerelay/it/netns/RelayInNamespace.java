package org.masquerelay.it.netns;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.masquerelay.boot.ops.RelayLifecycle;
import org.masquerelay.client.RelayClient;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.egress.EgressApp;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;
import org.springframework.boot.builder.SpringApplicationBuilder;

/// An egress and a client of it as a process, told by its standard input what to open.
///
/// Arguments: a directory for the development certificates, then those of the egress. A line of
/// input is `udp` or `tcp`, target, number of tunnels, a user or `-`, and for UDP what is sent, one
/// datagram after the other; or a meter with tag and value. Each line of output that starts with `>
/// ` is an answer; `> end` is the last one to a line of input.
final class RelayInNamespace {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final int AT_ONCE = 16;

    private final RelayClient client;
    private final MeterRegistry meters;
    private double dropsSeen;

    private RelayInNamespace(RelayClient client, MeterRegistry meters) {
        this.client = client;
        this.meters = meters;
    }

    public static void main(String[] arguments) throws Exception {
        var directory = Path.of(arguments[0]);
        var all =
                new ArrayList<>(
                        List.of(
                                "--spring.config.location=classpath:relay-management.yml,"
                                        + "classpath:relay-gate.yml",
                                "--spring.jmx.enabled=false",
                                "--server.port=0",
                                "--relay.development.directory=" + directory,
                                "--relay.listeners[0].name=main",
                                "--relay.listeners[0].address=127.0.0.1",
                                "--relay.listeners[0].port=0",
                                "--relay.egress.allow-private=true",
                                "--relay.egress.max-tunnels-per-connection=4096",
                                "--relay.drain.timeout=0"));
        all.addAll(Arrays.asList(arguments).subList(1, arguments.length));
        try (var egress =
                        new SpringApplicationBuilder(EgressApp.class)
                                .run(all.toArray(String[]::new));
                var client = connect(directory, egress.getBean(RelayLifecycle.class))) {
            new RelayInNamespace(client, egress.getBean(MeterRegistry.class)).obey();
        }
        System.exit(0);
    }

    private static RelayClient connect(Path directory, RelayLifecycle egress) throws IOException {
        return RelayClient.connect(
                new RelayClient.Settings(
                        new HostPort("127.0.0.1", egress.addresses().getFirst().getPort()),
                        "localhost",
                        DevelopmentPki.open(directory, Clock.systemUTC()).client(),
                        UriTemplate.UDP,
                        Duration.ofSeconds(20)));
    }

    private void obey() throws Exception {
        say("end");
        var input = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        for (var line = input.readLine(); line != null; line = input.readLine()) {
            var words = line.split(" ", -1);
            switch (words[0]) {
                case "udp", "tcp" -> open(words);
                default -> say(Double.toString(count(words)));
            }
            say("end");
        }
    }

    private static void say(String answer) {
        System.out.println("> " + answer);
        System.out.flush();
    }

    private double count(String[] words) {
        return meters.find(words[0]).tag(words[1], words[2]).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    private void open(String[] words) throws Exception {
        var target = HostPort.parse(words[1]);
        var fields = fields(words[3]);
        var sent = Arrays.asList(words).subList(4, words.length);
        try (var threads = Executors.newFixedThreadPool(AT_ONCE)) {
            var answers = new ArrayList<Future<List<String>>>();
            for (int i = 0; i < Integer.parseInt(words[2]); i++) {
                answers.add(
                        threads.submit(() ->
                                words[0].equals("udp")
                                        ? udp(target, fields, sent)
                                        : tcp(target, fields)));
            }
            for (var answer : answers) {
                answer.get().forEach(RelayInNamespace::say);
            }
        }
    }

    private static HeaderFields fields(String user) {
        var encoded = Base64.getEncoder().encodeToString((user + ":secret").getBytes(UTF_8));
        return user.equals("-")
                ? HeaderFields.NONE
                : HeaderFields.of("authorization", "Basic " + encoded);
    }

    /// `#1290` stands for so many bytes that are not answered.
    private List<String> udp(HostPort target, HeaderFields fields, List<String> sent)
            throws Exception {
        var answers = new ArrayList<String>();
        try (var tunnel = client.openUdp(target, fields)) {
            for (var text : sent) {
                if (text.startsWith("#")) {
                    tunnel.send(new byte[Integer.parseInt(text.substring(1))]);
                    awaitDrop();
                } else {
                    tunnel.send(text.getBytes(UTF_8));
                    Optional<byte[]> answer = tunnel.receive(PATIENCE);
                    answers.add(answer.map(bytes -> new String(bytes, UTF_8)).orElse("silence"));
                }
            }
        } catch (TunnelRefusedException refused) {
            answers.add("refused " + refused.status());
        }
        return answers;
    }

    /// The datagram is dropped by this machine, or by a router that says so.
    private void awaitDrop() throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        String[] meter = {"masque.datagrams.dropped", "reason", "too_large"};
        while (count(meter) <= dropsSeen && System.nanoTime() < deadline) {
            Thread.sleep(5);
        }
        dropsSeen = count(meter);
    }

    private List<String> tcp(HostPort target, HeaderFields fields) throws Exception {
        try (var tunnel = client.openTcp(target, fields)) {
            return List.of(new String(tunnel.input().readAllBytes(), UTF_8));
        } catch (TunnelRefusedException refused) {
            return List.of("refused " + refused.status());
        }
    }
}
