package org.masquerelay.boot.probe;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/// Whether the relay of this machine takes tunnels: the main class of a health check.
///
/// It is started every few seconds, so it loads as little as it can, and no HTTP client.
public final class HealthCheck {
    private static final int TIMEOUT_MILLIS = 3000;

    /// RFC 9112, section 4: what a status line begins with up to its code.
    private static final int STATUS_AT = "HTTP/1.x ".length();

    /// HTTP/1.0: the answer ends with the connection.
    private static final String REQUEST =
            "GET /actuator/health/readiness HTTP/1.0\r\nHost: localhost\r\n\r\n";

    private HealthCheck() {}

    /// Ends with 0 if the first of these ports where anything listens says that it is ready, and
    /// with 1 if it says something else, or nothing within three seconds, or there is no such port.
    ///
    /// @param ports management ports, such as 8081 and 8082
    public static void main(String[] ports) {
        for (var port : ports) {
            try (var socket = new Socket()) {
                var loopback = InetAddress.getLoopbackAddress();
                socket.connect(
                        new InetSocketAddress(loopback, Integer.parseInt(port)), TIMEOUT_MILLIS);
                System.exit(isReady(socket) ? 0 : 1);
            } catch (IOException _) {
                // Nobody listens here.
            }
        }
        System.exit(1);
    }

    private static boolean isReady(Socket socket) {
        try {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.getOutputStream().write(REQUEST.getBytes(US_ASCII));
            byte[] head = socket.getInputStream().readNBytes(STATUS_AT + 3);
            return new String(head, US_ASCII).endsWith(" 200");
        } catch (IOException _) {
            return false;
        }
    }
}
