package org.masquerelay.cli.targets;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// A web server with TLS: one page, and an echo of the path asked for.
public final class WebTarget implements AutoCloseable {
    /// What `/` answers.
    public static final String PAGE =
            """
            <!doctype html>
            <title>Behind two hops</title>
            <p>This page came through an ingress and an egress; neither could read it.</p>
            """;

    private static final int BACKLOG = 256;

    private final HttpsServer server;
    private final ExecutorService threads;

    private WebTarget(HttpsServer server, ExecutorService threads) {
        this.server = server;
        this.threads = threads;
    }

    /// Listens on a free port of the loopback address.
    public static WebTarget start(TargetCertificate certificate) throws IOException {
        return start(certificate, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    public static WebTarget start(TargetCertificate certificate, InetSocketAddress address)
            throws IOException {
        var server = HttpsServer.create(address, BACKLOG);
        server.setHttpsConfigurator(new HttpsConfigurator(certificate.serverContext()));
        server.createContext("/", WebTarget::answerPage);
        server.createContext("/echo/", WebTarget::answerEcho);
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        server.setExecutor(threads);
        server.start();
        return new WebTarget(server, threads);
    }

    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private static void answerPage(HttpExchange exchange) throws IOException {
        boolean found = exchange.getRequestURI().getPath().equals("/");
        exchange.getResponseHeaders().set("content-type", "text/html; charset=utf-8");
        answer(exchange, found ? 200 : 404, found ? PAGE : "<p>There is only one page here.</p>\n");
    }

    private static void answerEcho(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("content-type", "text/plain; charset=utf-8");
        answer(exchange, 200, exchange.getRequestURI().getPath());
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.getResponseHeaders().set("content-length", Integer.toString(body.length));
                exchange.sendResponseHeaders(status, -1);
            } else {
                exchange.sendResponseHeaders(status, body.length);
                exchange.getResponseBody().write(body);
            }
        }
    }
}
