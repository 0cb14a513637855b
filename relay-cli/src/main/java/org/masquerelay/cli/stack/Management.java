package org.masquerelay.cli.stack;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/// The management port of an app on this machine.
public final class Management {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final HttpClient http;
    private final URI origin;

    public Management(HttpClient http, int port) {
        this.http = http;
        this.origin = URI.create("http://127.0.0.1:" + port);
    }

    /// Whether the app says so itself; false too while nothing listens yet.
    public boolean isReady() {
        try {
            return send("GET", "/actuator/health/readiness") == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// From here on, the app refuses new tunnels.
    public void drain() throws IOException, InterruptedException {
        expectSuccess("POST", "/actuator/drain");
    }

    /// The app takes new tunnels again.
    public void undrain() throws IOException, InterruptedException {
        expectSuccess("DELETE", "/actuator/drain");
    }

    private void expectSuccess(String method, String path)
            throws IOException, InterruptedException {
        int status = send(method, path);
        if (status / 100 != 2) {
            throw new IOException(method + " " + origin + path + " was answered " + status);
        }
    }

    private int send(String method, String path) throws IOException, InterruptedException {
        var request =
                HttpRequest.newBuilder(origin.resolve(path))
                        .method(method, HttpRequest.BodyPublishers.ofString(""))
                        .timeout(TIMEOUT);
        if (method.equals("POST")) {
            request.header("content-type", "application/json");
        }
        return http.send(request.build(), BodyHandlers.discarding()).statusCode();
    }
}
