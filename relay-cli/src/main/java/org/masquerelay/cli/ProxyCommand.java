package org.masquerelay.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.masquerelay.cli.proxy.LocalProxy;
import org.masquerelay.cli.proxy.LocalProxy.Protocol;
import org.masquerelay.cli.proxy.SharedRelay;
import org.masquerelay.cli.token.ConnectedRelay;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.IpLiteral;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/// Carries programs that know SOCKS 5 or HTTP proxies through the relay, until it is told to stop.
@Command(
        name = "proxy",
        description = {
            "Carries a browser, curl or dig through the relay until Ctrl-C.",
            "Speaks SOCKS 5 (CONNECT and UDP ASSOCIATE) and HTTP CONNECT on one port of this"
                    + " machine. Names are resolved by the egress."
        })
final class ProxyCommand implements Callable<Integer> {
    private static final int MAX_CLIENTS = 4096;

    private final Console console;

    @Mixin private final ConnectionOptions connection = new ConnectionOptions();

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            converter = ListenAddress.class,
            description = "Where programs connect (default: 127.0.0.1:1080); port 0: any free one.")
    private InetSocketAddress listen = new ListenAddress().convert("127.0.0.1:1080");

    @Option(
            names = "--allow-remote",
            description = "Let --listen name an address that other machines reach.")
    private boolean allowRemote;

    @Option(
            names = "--only",
            paramLabel = "PROTOCOL",
            description = "Speak only this one: socks5 or http.")
    private Set<Protocol> protocols = EnumSet.allOf(Protocol.class);

    @Option(
            names = "--max-clients",
            paramLabel = "N",
            description = "Connections served at once; further ones wait (default: 256).")
    private int maxClients = 256;

    @Option(names = "--json", description = "Say as one JSON object where programs connect.")
    private boolean json;

    /// The HTTP version of the first connection, until there is another.
    private volatile @Nullable String transport;

    ProxyCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws CommandFailure, InterruptedException {
        if (maxClients < 1 || maxClients > MAX_CLIENTS) {
            throw CommandFailure.misused("--max-clients is a number from 1 to " + MAX_CLIENTS);
        }
        if (!allowRemote && !listen.getAddress().isLoopbackAddress()) {
            throw CommandFailure.misused(
                    "--listen names an address that other machines reach: add --allow-remote if"
                            + " they may use the relay in your name");
        }
        var dialer = connection.dialer();
        try (var relay = new SharedRelay(() -> dial(dialer), connection.origin(), this::notice);
                var proxy = listen(relay)) {
            connect(relay);
            try (var _ = AtExit.run(() -> stop(proxy, relay))) {
                console.out().println(json ? json(proxy.address()) : sentence(proxy.address()));
                proxy.serve();
            }
        }
        return ExitStatus.SUCCESS;
    }

    private ConnectedRelay dial(ConnectionOptions.Dialer dialer) throws IOException {
        var relay = dialer.dial();
        transport = relay.version().map(HttpVersion::tag).orElse(null);
        return relay;
    }

    private LocalProxy listen(SharedRelay relay) throws CommandFailure {
        try {
            return LocalProxy.listen(
                    LocalProxy.Settings.standard(listen, protocols, maxClients), relay);
        } catch (IOException e) {
            throw CommandFailure.failed(
                    "cannot listen on " + text(listen) + ": " + Failures.textOf(e));
        }
    }

    private void connect(SharedRelay relay) throws CommandFailure {
        try {
            relay.connect();
        } catch (IOException e) {
            throw connection.unreachable(e);
        }
    }

    private static void stop(LocalProxy proxy, SharedRelay relay) {
        proxy.close();
        relay.close();
    }

    private void notice(String sentence) {
        console.err().println("relay proxy: " + sentence);
    }

    private String sentence(InetSocketAddress at) {
        String proxy = text(at);
        return protocols.contains(Protocol.SOCKS5)
                ? "Listening on %s: curl --proxy socks5h://%s, chromium --proxy-server=socks5://%s, or in Firefox SOCKS v5 with DNS by proxy; Ctrl-C stops it."
                        .formatted(proxy, proxy, proxy)
                : "Listening on %s: curl --proxytunnel --proxy http://%s, chromium --proxy-server=http://%s, or in Firefox HTTPS proxy; Ctrl-C stops it."
                        .formatted(proxy, proxy, proxy);
    }

    private String json(InetSocketAddress at) {
        var names =
                protocols.stream()
                        .map(protocol -> protocol.name().toLowerCase(Locale.ROOT))
                        .sorted()
                        .toList();
        return JsonMapper.shared()
                .writeValueAsString(
                        new Ready(
                                IpLiteral.format(at.getAddress()), at.getPort(), names, transport));
    }

    /// @param transport the HTTP version by which the relay was reached; null if it is lost already
    private record Ready(
            String address,
            int port,
            java.util.List<String> protocols,
            @Nullable String transport) {}

    private static String text(InetSocketAddress address) {
        String host = IpLiteral.format(address.getAddress());
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }
}
