package org.masquerelay.testkit;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;

/// The management port of an app under test. Blocks.
public record ManagementPort(int port) {
    public HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send("GET", path, "");
    }

    /// Sends a request with a JSON body, or without any body.
    public HttpResponse<String> send(String method, String path, String json)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
        if (json.isEmpty()) {
            request.method(method, BodyPublishers.noBody());
        } else {
            request.header("content-type", "application/json")
                    .method(method, BodyPublishers.ofString(json));
        }
        try (var client = HttpClient.newHttpClient()) {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }
}
