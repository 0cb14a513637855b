package org.masquerelay.cli.demo;

import static org.masquerelay.cli.demo.Probe.Protocol.TCP;
import static org.masquerelay.cli.demo.Probe.Protocol.UDP;
import static org.masquerelay.tunnel.HttpVersion.H1;
import static org.masquerelay.tunnel.HttpVersion.H2;
import static org.masquerelay.tunnel.HttpVersion.H3;

import java.util.List;
import java.util.concurrent.Callable;
import org.masquerelay.cli.demo.Probe.Protocol;
import org.masquerelay.cli.demo.Probe.Step;
import org.masquerelay.cli.stack.Stack;
import org.masquerelay.cli.stack.Stack.PrivateTargets;
import org.masquerelay.cli.targets.DnsZone;
import org.masquerelay.tunnel.HttpVersion;

/// The demonstration from the first question to the last.
final class Script {
    private static final int TCP_TUNNELS = 16;
    private static final int UDP_TUNNELS = 64;

    private static final String TO_INGRESS = "client > ingress";
    private static final String TO_EGRESS = "client > ingress > egress";
    private static final String TO_TARGET = "client > ingress > egress > target";

    private static final String PAGE = "200 and the page";
    private static final String TEXT = "NOERROR \"" + DnsZone.GREETING_TEXT + '"';
    private static final String CHALLENGED = "401 with a PrivateToken challenge";

    private Script() {}

    static List<Probe> of(Questions ask, Stack stack) {
        return List.of(
                page(H3, ask::page),
                page(H2, () -> ask.over(H2, Questions::page)),
                page(H1, () -> ask.over(H1, Questions::page)),
                text(H3, ask::text),
                text(H2, () -> ask.over(H2, Questions::text)),
                text(H1, () -> ask.over(H1, Questions::text)),
                carried(
                        "a web page with UDP blocked",
                        TCP,
                        H2,
                        PAGE + " by h2",
                        () -> ask.withUdpBlocked(Questions::page)),
                carried(
                        "a DNS answer with UDP blocked",
                        UDP,
                        H2,
                        TEXT + " by h2",
                        () -> ask.withUdpBlocked(Questions::text)),
                carried(
                        "a web page in nested mode",
                        TCP,
                        H3,
                        PAGE,
                        () -> ask.nested(Questions::page)),
                carried("a page, by curl over SOCKS", TCP, H3, PAGE, ask::pageByCurl),
                carried(
                        TCP_TUNNELS + " tunnels at once",
                        TCP,
                        H3,
                        TCP_TUNNELS + " right answers",
                        () -> ask.pagesAtOnce(TCP_TUNNELS)),
                carried(
                        UDP_TUNNELS + " tunnels at once",
                        UDP,
                        H3,
                        UDP_TUNNELS + " right answers",
                        () -> ask.answersAtOnce(UDP_TUNNELS)),
                refused("no token", TCP, CHALLENGED, Step.NONE, ask::withoutToken),
                new Probe(
                        "no token in nested mode",
                        TCP,
                        H3,
                        TO_EGRESS,
                        CHALLENGED,
                        Step.NONE,
                        () -> ask.nested(Questions::withoutToken)),
                refused("a token spent before", TCP, CHALLENGED, Step.NONE, ask::withSpentToken),
                refused(
                        "a forged token",
                        UDP,
                        "403 http_request_denied",
                        Step.NONE,
                        ask::withForgedToken),
                refused(
                        "port 965535",
                        UDP,
                        "400 http_request_error",
                        Step.NONE,
                        ask::malformedPort),
                refused(
                        "a draining ingress",
                        UDP,
                        "503 proxy_internal_error",
                        stack.ingressManagement()::drain,
                        ask::paidUdp),
                new Probe(
                        "the ingress drains no more",
                        UDP,
                        H3,
                        TO_TARGET,
                        TEXT,
                        stack.ingressManagement()::undrain,
                        ask::text),
                refused(
                        "a killed egress",
                        TCP,
                        "502 with Proxy-Status",
                        stack::killEgress,
                        () -> Answers.statusOf(ask.paidTcp())),
                new Probe(
                        "an egress without allow-private",
                        TCP,
                        H3,
                        TO_EGRESS,
                        "403 destination_ip_prohibited",
                        () -> stack.startEgress(PrivateTargets.REFUSED),
                        ask::paidTcp));
    }

    private static Probe page(HttpVersion transport, Callable<String> action) {
        return carried("a web page over TLS", TCP, transport, PAGE, action);
    }

    private static Probe text(HttpVersion transport, Callable<String> action) {
        return carried("a DNS answer", UDP, transport, TEXT, action);
    }

    private static Probe carried(
            String name,
            Protocol protocol,
            HttpVersion transport,
            String expected,
            Callable<String> action) {
        return new Probe(name, protocol, transport, TO_TARGET, expected, Step.NONE, action);
    }

    private static Probe refused(
            String name, Protocol protocol, String expected, Step before, Callable<String> action) {
        return new Probe(name, protocol, H3, TO_INGRESS, expected, before, action);
    }
}
