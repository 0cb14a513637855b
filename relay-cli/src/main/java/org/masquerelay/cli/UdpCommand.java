package org.masquerelay.cli;

import io.netty.handler.codec.dns.DnsRecordType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.masquerelay.cli.dns.DnsExchange;
import org.masquerelay.cli.dns.DnsMessages;
import org.masquerelay.cli.token.PaidTunnels;
import org.masquerelay.client.UdpTunnel;
import org.masquerelay.wire.HostPort;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Sends one datagram through a UDP tunnel and prints the answer.
@Command(name = "udp", description = "Sends a datagram through the relay and prints the answer.")
final class UdpCommand implements Callable<Integer> {
    /// RFC 9298, section 5: what a UDP payload can have at most.
    private static final int MAX_PAYLOAD = 65527;

    private final Console console;

    @Mixin private final ConnectionOptions connection = new ConnectionOptions();

    @Mixin private final TokenOptions tokens = new TokenOptions();

    @Parameters(
            index = "0",
            paramLabel = "HOST:PORT",
            converter = HostPorts.class,
            description = "The target; resolved by the egress.")
    private HostPort target = new HostPort("localhost", 53);

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "TEXT",
            description = "What to send (default: standard input).")
    private @Nullable String text;

    @ArgGroup private final Payload payload = new Payload();

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            description = "With --dns, the type of record asked for (default: A).")
    private String type = "A";

    /// What to send if it is not text.
    static final class Payload {
        @Option(names = "--hex", paramLabel = "HEX", description = "Send these bytes.")
        private @Nullable String hex;

        @Option(
                names = "--dns",
                paramLabel = "NAME",
                description = "Send a DNS query for this name, and print the records.")
        private @Nullable String dns;
    }

    UdpCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws CommandFailure, IOException {
        var name = payload.dns;
        if (text != null && (name != null || payload.hex != null)) {
            throw CommandFailure.misused("TEXT, --hex and --dns exclude each other");
        }
        byte[] sent = name == null ? payload() : query(name);
        try (var relay = connection.connect();
                var issuer = tokens.issuer(relay, connection);
                var tunnel = new PaidTunnels(relay, issuer.fetcher()).openUdp(target)) {
            return name == null ? exchange(tunnel, sent) : ask(tunnel, sent);
        }
    }

    private int ask(UdpTunnel tunnel, byte[] query) throws IOException {
        var answer = DnsExchange.ask(tunnel, query, connection.timeout());
        answer.lines().forEach(console.out()::println);
        if (!answer.code().equals("NOERROR")) {
            console.err().println("relay udp: the name server answered " + answer.code());
            return ExitStatus.FAILURE;
        }
        if (answer.lines().isEmpty()) {
            console.err().println("relay udp: the name has no record of this type");
        }
        return ExitStatus.SUCCESS;
    }

    private int exchange(UdpTunnel tunnel, byte[] sent) throws CommandFailure, IOException {
        tunnel.send(sent);
        Duration timeout = connection.timeout();
        Optional<byte[]> answer = tunnel.receive(timeout);
        if (answer.isEmpty()) {
            throw CommandFailure.failed(
                    "no answer from the target within " + timeout.toMillis() + " ms");
        }
        if (payload.hex == null) {
            console.out().write(answer.get(), 0, answer.get().length);
            console.out().println();
        } else {
            console.out().println(HexFormat.of().formatHex(answer.get()));
        }
        return ExitStatus.SUCCESS;
    }

    private byte[] query(String name) throws CommandFailure {
        try {
            var wanted = DnsRecordType.valueOf(type.toUpperCase(Locale.ROOT));
            return DnsMessages.query(ThreadLocalRandom.current().nextInt(1 << 16), name, wanted);
        } catch (IllegalArgumentException e) {
            throw CommandFailure.misused("no DNS query of this name and type can be written");
        }
    }

    private byte[] payload() throws CommandFailure, IOException {
        byte[] bytes = bytes();
        if (bytes.length > MAX_PAYLOAD) {
            throw CommandFailure.misused("a datagram has at most " + MAX_PAYLOAD + " bytes");
        }
        return bytes;
    }

    private byte[] bytes() throws CommandFailure, IOException {
        var hex = payload.hex;
        if (hex != null) {
            try {
                return HexFormat.of().parseHex(hex);
            } catch (IllegalArgumentException e) {
                throw CommandFailure.misused("--hex takes an even number of hexadecimal digits");
            }
        }
        var given = text;
        return given == null
                ? console.in().readNBytes(MAX_PAYLOAD + 1)
                : given.getBytes(StandardCharsets.UTF_8);
    }
}
