package org.masquerelay.cli.demo;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.Response;
import org.masquerelay.cli.http.TargetTrust;
import org.masquerelay.cli.http.TunnelOpener;
import org.masquerelay.cli.http.TunnelledHttp;
import org.masquerelay.cli.stack.Stack;
import org.masquerelay.cli.targets.DnsTarget;
import org.masquerelay.cli.targets.DnsZone;
import org.masquerelay.cli.targets.TargetCertificate;
import org.masquerelay.cli.targets.WebTarget;
import org.masquerelay.cli.token.Challenges;
import org.masquerelay.cli.token.ConnectedRelay;
import org.masquerelay.cli.token.PaidTunnels;
import org.masquerelay.cli.token.TokenFetcher;
import org.masquerelay.client.RelayClient;
import org.masquerelay.http.Transports;
import org.masquerelay.token.Token;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;

/// The end user of the demonstration: a connection to the ingress, tokens, and targets to go to.
final class Client implements AutoCloseable {
    /// Longer than the relay may take to find out that an egress is gone.
    static final Duration TIMEOUT = Duration.ofSeconds(20);

    /// As in [Transports#ALL], but on a busy machine HTTP/1.1 must not overtake HTTP/2.
    private static final Transports RACE =
            Transports.of(
                    List.of(HttpVersion.H3, HttpVersion.H2, HttpVersion.H1),
                    List.of(Duration.ofMillis(250), Duration.ofSeconds(10)));

    private final Stack stack;
    private final Targets targets;
    private final HostPort ingress;
    private final Transports transports;
    private final TargetTrust trust;
    private final ConnectedRelay relay;
    private final TokenFetcher fetcher;
    private final PaidTunnels tunnels;
    private final HostPort web;
    private final HostPort dns;

    private Client(Stack stack, Targets targets, HostPort ingress, Transports transports, Mode mode)
            throws IOException {
        this.stack = stack;
        this.targets = targets;
        this.ingress = ingress;
        this.transports = transports;
        trust = new TargetTrust.Only(List.of(targets.certificate().certificate()));
        web = new HostPort(DnsZone.WEB, targets.web().port());
        dns = new HostPort(DnsZone.DNS, targets.dns().address().getPort());
        relay = mode == Mode.NESTED ? dialNested() : dial(UriTemplate.UDP);
        var origin = mode == Mode.NESTED ? stack.egressAddress() : ingress;
        fetcher = new TokenFetcher(relay, origin, Clock.systemUTC());
        tunnels = new PaidTunnels(relay, fetcher);
    }

    /// Which relay opens the tunnels.
    private enum Mode {
        CHAINED,
        NESTED
    }

    /// What runs behind the relay.
    record Targets(TargetCertificate certificate, WebTarget web, DnsTarget dns) {}

    /// Over HTTP/3.
    static Client connect(Stack stack, Targets targets) throws IOException {
        return new Client(stack, targets, stack.ingressAddress(), Transports.H3, Mode.CHAINED);
    }

    /// Another connection to the same.
    Client over(HttpVersion version) throws IOException {
        return new Client(stack, targets, ingress, Transports.only(version), Mode.CHAINED);
    }

    /// A connection to the egress, within another one to the ingress.
    Client nested() throws IOException {
        return new Client(stack, targets, ingress, transports, Mode.NESTED);
    }

    /// Another connection, to the port where only TCP is served.
    Client racingWithoutUdp() throws IOException {
        return new Client(stack, targets, stack.ingressAddressWithoutUdp(), RACE, Mode.CHAINED);
    }

    int portWithoutUdp() {
        return stack.ingressAddressWithoutUdp().port();
    }

    HostPort web() {
        return web;
    }

    HostPort dns() {
        return dns;
    }

    ConnectedRelay relay() {
        return relay;
    }

    PaidTunnels tunnels() {
        return tunnels;
    }

    /// A token that has not been spent.
    Token freshToken() throws IOException {
        return fetcher.fetch(Challenges.askFor(relay));
    }

    /// Another connection, which forms the paths of its requests in its own way.
    ConnectedRelay connectWith(UriTemplate template) throws IOException {
        return dial(template);
    }

    /// Gets a page of the web target, with TLS to the target itself.
    String page(TunnelOpener opener, String path) throws IOException {
        var http = TunnelledHttp.client(opener, trust, TIMEOUT);
        var url =
                new HttpUrl.Builder()
                        .scheme("https")
                        .host(web.host())
                        .port(web.port())
                        .encodedPath(path)
                        .build();
        try (Response response = http.newCall(new Request.Builder().url(url).build()).execute()) {
            return response.code() + " " + response.body().string();
        } finally {
            TunnelledHttp.close(http);
        }
    }

    /// A curl that reaches the web target through a proxy, which reaches it through the relay.
    Curl curl() throws IOException {
        return Curl.start(
                () -> dial(UriTemplate.UDP), ingress, new Curl.Page(web, targets.certificate()));
    }

    @Override
    public void close() {
        relay.close();
    }

    private ConnectedRelay dial(UriTemplate template) throws IOException {
        return ConnectedRelay.connect(settings(ingress, template));
    }

    private ConnectedRelay dialNested() throws IOException {
        return ConnectedRelay.connectNested(
                settings(ingress, UriTemplate.UDP),
                settings(stack.egressAddress(), UriTemplate.UDP));
    }

    private RelayClient.Settings settings(HostPort relay, UriTemplate template) {
        return new RelayClient.Settings(
                relay, relay.host(), stack.clientTls(), template, TIMEOUT, transports);
    }
}
