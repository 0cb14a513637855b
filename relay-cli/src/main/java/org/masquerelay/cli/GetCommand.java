package org.masquerelay.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import org.masquerelay.cli.http.TargetTrust;
import org.masquerelay.cli.http.TunnelledHttp;
import org.masquerelay.cli.token.PaidTunnels;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Fetches a web page through a TCP tunnel.
@Command(name = "get", description = "Fetches a web page through the relay.")
final class GetCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private final ConnectionOptions connection = new ConnectionOptions();

    @Mixin private final TokenOptions tokens = new TokenOptions();

    @Parameters(paramLabel = "URL", description = "http or https; resolved by the egress.")
    private String url = "";

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Where to write the page (default: standard output).")
    private @Nullable Path output;

    @Option(
            names = {"-I", "--head"},
            description = "Ask for the head of the answer only, and print it.")
    private boolean head;

    @Option(
            names = "--every",
            paramLabel = "TIME",
            converter = Durations.class,
            description =
                    "Fetch it again after this time, each time by a new tunnel, until Ctrl-C.")
    private @Nullable Duration every;

    @ArgGroup private final Trust trust = new Trust();

    /// Whom to believe that it is the target.
    static final class Trust {
        @Option(
                names = {"-k", "--insecure"},
                description = "Accept any certificate of the target.")
        private boolean insecure;

        @Option(
                names = "--cacert",
                paramLabel = "FILE",
                description = "PEM file with who signs the target's certificate.")
        private @Nullable Path cacert;

        TargetTrust trust() throws CommandFailure {
            var file = cacert;
            if (file != null) {
                return new TargetTrust.Only(ConnectionOptions.certificates(file));
            }
            return insecure ? new TargetTrust.Anything() : new TargetTrust.Public();
        }
    }

    GetCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws CommandFailure, IOException {
        HttpUrl target = parse(url);
        TargetTrust believed = trust.trust();
        try (var relay = connection.connect();
                var issuer = tokens.issuer(relay, connection)) {
            var tunnels = new PaidTunnels(relay, issuer.fetcher());
            var http = TunnelledHttp.client(tunnels::openTcp, believed, connection.timeout());
            try {
                var pause = every;
                return pause == null ? fetch(http, target) : fetchAgain(http, target, pause);
            } finally {
                TunnelledHttp.close(http);
            }
        }
    }

    /// Until the program is told to end; a fetch that fails is reported, and does not end it.
    private int fetchAgain(OkHttpClient http, HttpUrl target, Duration pause) {
        while (true) {
            try {
                fetch(http, target);
            } catch (IOException e) {
                console.err().println("relay get: " + Failures.textOf(e));
            }
            http.connectionPool().evictAll();
            try {
                Thread.sleep(pause);
            } catch (InterruptedException _) {
                return ExitStatus.SUCCESS;
            }
        }
    }

    private int fetch(OkHttpClient http, HttpUrl target) throws IOException {
        var request = new Request.Builder().url(target).header("user-agent", "relay");
        if (head) {
            request.head();
        }
        try (Response response = http.newCall(request.build()).execute()) {
            if (head) {
                printHead(response);
            } else {
                write(response);
            }
            if (!response.isSuccessful() && !response.isRedirect()) {
                console.err().println("relay get: the target answered " + response.code());
                return ExitStatus.FAILURE;
            }
            return ExitStatus.SUCCESS;
        }
    }

    private void printHead(Response response) {
        console.out().println(response.protocol() + " " + response.code());
        for (var field : response.headers()) {
            console.out().println(field.getFirst() + ": " + field.getSecond());
        }
    }

    private void write(Response response) throws IOException {
        var body = response.body().byteStream();
        var file = output;
        if (file == null) {
            body.transferTo(console.out());
            console.out().flush();
        } else {
            try (OutputStream out = Files.newOutputStream(file)) {
                body.transferTo(out);
            }
        }
    }

    private static HttpUrl parse(String text) throws CommandFailure {
        var parsed = HttpUrl.parse(text);
        if (parsed == null) {
            throw CommandFailure.misused(
                    "'" + text + "' is no URL that begins with http:// or https://");
        }
        URI uri = parsed.uri();
        if (uri.getUserInfo() != null) {
            throw CommandFailure.misused("a URL with a user name or password is not supported");
        }
        return parsed;
    }
}
