package org.masquerelay.cli.proxy;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.masquerelay.client.TcpTunnel;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.WireFormatException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A client that speaks HTTP/1.1: it may ask for one tunnel (RFC 9110, section 9.3.6), and any
/// refusal ends the connection.
final class HttpSession {
    private static final Logger LOGGER = LoggerFactory.getLogger(HttpSession.class);

    private static final byte[] ESTABLISHED =
            "HTTP/1.1 200 Connection established\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /// Methods that are known, and not carried out here (RFC 9110, section 15.5.6).
    private static final Set<String> NOT_ALLOWED =
            Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH");

    private final LocalClient client;
    private final Tunnels tunnels;
    private final LocalProxy.Settings settings;

    HttpSession(LocalClient client, Tunnels tunnels, LocalProxy.Settings settings) {
        this.client = client;
        this.tunnels = tunnels;
        this.settings = settings;
    }

    void run() throws IOException {
        HostPort target;
        try {
            target = targetOf(HttpHead.read(client.input()));
        } catch (HttpFault fault) {
            String allow = fault.status() == 405 ? "Allow: CONNECT\r\n" : "";
            refuse(fault.status(), allow, fault.sentence());
            return;
        }
        client.ready();
        TcpTunnel opened;
        try {
            opened = tunnels.openTcp(target);
        } catch (IOException failure) {
            LOGGER.info("no tunnel to {}: {}", target, failure.getMessage());
            refuse(
                    RefusalReplies.status(failure),
                    "Proxy-Status: " + RefusalReplies.proxyStatus(failure) + "\r\n",
                    "the relay has opened no tunnel");
            return;
        }
        LOGGER.info("a tunnel to {}", target);
        try (opened) {
            client.output().write(ESTABLISHED);
            new SocketSplice(client, opened, settings.halfClosedIdle()).run();
        }
    }

    private static HostPort targetOf(HttpHead head) throws HttpFault {
        if (NOT_ALLOWED.contains(head.method())) {
            throw new HttpFault(
                    405,
                    "only CONNECT is carried out here: use SOCKS 5 on the same port for pages"
                            + " without TLS, or make the client tunnel (curl --proxytunnel)");
        }
        if (!head.method().equals("CONNECT")) {
            throw new HttpFault(501, "only CONNECT is known here");
        }
        try {
            return HostPort.parse(head.target());
        } catch (WireFormatException e) {
            throw new HttpFault(400, "CONNECT takes HOST:PORT");
        }
    }

    private void refuse(int status, String fields, String sentence) throws IOException {
        String body = sentence + "\n";
        String reason = HttpResponseStatus.valueOf(status).reasonPhrase();
        client.sayFarewell(
                HttpHead.answer(
                        status,
                        reason,
                        fields
                                + "Content-Type: text/plain\r\nContent-Length: "
                                + body.length()
                                + "\r\nConnection: close\r\n",
                        body));
    }
}
