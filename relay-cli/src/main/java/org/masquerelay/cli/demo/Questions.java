package org.masquerelay.cli.demo;

import io.netty.handler.codec.dns.DnsRecordType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.masquerelay.cli.dns.DnsAnswer;
import org.masquerelay.cli.dns.DnsExchange;
import org.masquerelay.cli.dns.DnsMessages;
import org.masquerelay.cli.targets.DnsZone;
import org.masquerelay.cli.targets.WebTarget;
import org.masquerelay.cli.token.PaidTunnels;
import org.masquerelay.client.TcpTunnel;
import org.masquerelay.client.UdpTunnel;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.Token;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;

/// What the demonstration's client does, each with an answer in a few words.
final class Questions {
    /// The port of a target becomes a part of a number far beyond 65535.
    private static final UriTemplate SPOILT =
            UriTemplate.parse(
                    "/.well-known/masque/udp/{target_host}/9{target_port}/",
                    Set.of("target_host", "target_port"));

    private static final HostPort HIGHEST_PORT = new HostPort(DnsZone.DNS, 65535);

    private final Client client;

    Questions(Client client) {
        this.client = client;
    }

    /// Gets the web page, end to end encrypted.
    String page() throws IOException {
        return inWords(client.page(client.tunnels()::openTcp, "/"));
    }

    /// Gets it with a program that knows nothing of the relay, through what `relay proxy` runs.
    String pageByCurl() throws IOException, InterruptedException {
        try (var curl = client.curl()) {
            return inWords(curl.page());
        }
    }

    private static String inWords(String answer) {
        return answer.equals("200 " + WebTarget.PAGE) ? "200 and the page" : answer;
    }

    /// Asks the DNS responder for a text.
    String text() throws IOException {
        try (var tunnel = client.tunnels().openUdp(client.dns())) {
            return inWords(ask(tunnel, 0, DnsZone.GREETING, DnsRecordType.TXT));
        }
    }

    /// Asks something over a connection of its own, with another HTTP version.
    String over(HttpVersion version, Question question) throws Exception {
        try (var other = client.over(version)) {
            return question.ask(new Questions(other));
        }
    }

    /// Asks something of the egress itself, within a tunnel of the ingress.
    String nested(Question question) throws Exception {
        try (var other = client.nested()) {
            return question.ask(new Questions(other));
        }
    }

    /// Asks something of a relay that no datagram reaches, and says which HTTP version got through.
    String withUdpBlocked(Question question) throws Exception {
        try (var udp = BlockedUdp.on(client.portWithoutUdp());
                var other = client.racingWithoutUdp()) {
            String answer = question.ask(new Questions(other));
            if (!udp.wasTried()) {
                return "h3 was not tried";
            }
            var winner = other.relay().version().map(HttpVersion::tag);
            return answer + " by " + winner.orElse("nothing");
        }
    }

    /// One of the questions here.
    interface Question {
        String ask(Questions questions) throws Exception;
    }

    /// Opens so many TCP tunnels, and only then uses each for a page of its own.
    String pagesAtOnce(int count) throws Exception {
        List<TcpTunnel> open = atOnce(count, _ -> client.tunnels().openTcp(client.web()));
        List<Boolean> right =
                atOnce(
                        count,
                        i -> {
                            String path = "/echo/" + i;
                            return client.page(_ -> open.get(i), path).equals("200 " + path);
                        });
        return tally(right);
    }

    /// Opens so many UDP tunnels, and only then asks another question through each.
    String answersAtOnce(int count) throws Exception {
        List<UdpTunnel> open = atOnce(count, _ -> client.tunnels().openUdp(client.dns()));
        List<Boolean> right =
                atOnce(
                        count,
                        i -> {
                            try (var tunnel = open.get(i)) {
                                var answer = ask(tunnel, i, DnsZone.numbered(i), DnsRecordType.A);
                                return inWords(answer).equals("NOERROR 192.0.2." + i);
                            }
                        });
        return tally(right);
    }

    String withoutToken() throws Exception {
        return Answers.refusalOf(() -> client.relay().openUdp(client.dns(), HeaderFields.NONE));
    }

    /// Opens one tunnel with a token, and a second one with the same.
    String withSpentToken() throws Exception {
        var payment = PaidTunnels.payment(client.freshToken());
        client.relay().openUdp(client.dns(), payment).close();
        return Answers.refusalOf(() -> client.relay().openUdp(client.dns(), payment));
    }

    /// Spends a token whose signature is wrong in its last bit.
    String withForgedToken() throws Exception {
        Token token = client.freshToken();
        byte[] signature = token.authenticator().toArray();
        signature[signature.length - 1] ^= 1;
        var forged =
                new Token(
                        token.type(),
                        token.nonce(),
                        token.challengeDigest(),
                        token.tokenKeyId(),
                        ImmutableBytes.copyOf(signature));
        return Answers.refusalOf(
                () -> client.relay().openUdp(client.dns(), PaidTunnels.payment(forged)));
    }

    /// Asks for port 965535.
    String malformedPort() throws Exception {
        var payment = PaidTunnels.payment(client.freshToken());
        try (var other = client.connectWith(SPOILT)) {
            return Answers.refusalOf(() -> other.openUdp(HIGHEST_PORT, payment));
        }
    }

    String paidTcp() throws Exception {
        return Answers.refusalOf(() -> client.tunnels().openTcp(client.web()));
    }

    String paidUdp() throws Exception {
        return Answers.refusalOf(() -> client.tunnels().openUdp(client.dns()));
    }

    private static DnsAnswer ask(UdpTunnel tunnel, int id, String name, DnsRecordType type)
            throws IOException {
        return DnsExchange.ask(tunnel, DnsMessages.query(id, name, type), Client.TIMEOUT);
    }

    private static String inWords(DnsAnswer answer) {
        return answer.lines().stream()
                .map(DnsAnswer.Line::content)
                .collect(Collectors.joining(" ", answer.code() + " ", ""));
    }

    private static String tally(List<Boolean> right) {
        return right.stream().filter(good -> good).count() + " right answers";
    }

    private static <T> List<T> atOnce(int count, Numbered<T> task) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var running = new ArrayList<Future<T>>();
            for (int i = 0; i < count; i++) {
                int number = i;
                Callable<T> one = () -> task.run(number);
                running.add(threads.submit(one));
            }
            var done = new ArrayList<T>();
            for (var one : running) {
                done.add(one.get());
            }
            return done;
        }
    }

    private interface Numbered<T> {
        T run(int number) throws Exception;
    }
}
