package org.masquerelay.cli.demo;

import static org.masquerelay.cli.demo.Probe.Protocol.TCP;
import static org.masquerelay.cli.demo.Probe.Protocol.UDP;

import java.util.List;
import org.masquerelay.cli.demo.Probe.Protocol;
import org.masquerelay.cli.demo.Probe.Step;
import org.masquerelay.cli.stack.Stack;
import org.masquerelay.cli.stack.Stack.PrivateTargets;
import org.masquerelay.cli.targets.DnsZone;

/// The demonstration from the first question to the last.
final class Script {
    private static final int TCP_TUNNELS = 16;
    private static final int UDP_TUNNELS = 64;

    private static final String TO_INGRESS = "client > ingress";
    private static final String TO_EGRESS = "client > ingress > egress";
    private static final String TO_TARGET = "client > ingress > egress > target";

    private static final String CHALLENGED = "401 with a PrivateToken challenge";

    private Script() {}

    static List<Probe> of(Questions ask, Stack stack) {
        return List.of(
                carried("a web page over TLS", TCP, "200 and the page", ask::page),
                carried("a DNS answer", UDP, "NOERROR \"" + DnsZone.GREETING_TEXT + '"', ask::text),
                carried("a page, by curl over SOCKS", TCP, "200 and the page", ask::pageByCurl),
                carried(
                        TCP_TUNNELS + " tunnels at once",
                        TCP,
                        TCP_TUNNELS + " right answers",
                        () -> ask.pagesAtOnce(TCP_TUNNELS)),
                carried(
                        UDP_TUNNELS + " tunnels at once",
                        UDP,
                        UDP_TUNNELS + " right answers",
                        () -> ask.answersAtOnce(UDP_TUNNELS)),
                refused("no token", TCP, CHALLENGED, Step.NONE, ask::withoutToken),
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
                        TO_TARGET,
                        "NOERROR \"" + DnsZone.GREETING_TEXT + '"',
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
                        TO_EGRESS,
                        "403 destination_ip_prohibited",
                        () -> stack.startEgress(PrivateTargets.REFUSED),
                        ask::paidTcp));
    }

    private static Probe carried(
            String name,
            Protocol protocol,
            String expected,
            java.util.concurrent.Callable<String> action) {
        return new Probe(name, protocol, TO_TARGET, expected, Step.NONE, action);
    }

    private static Probe refused(
            String name,
            Protocol protocol,
            String expected,
            Step before,
            java.util.concurrent.Callable<String> action) {
        return new Probe(name, protocol, TO_INGRESS, expected, before, action);
    }
}
