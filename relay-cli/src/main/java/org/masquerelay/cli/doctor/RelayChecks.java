package org.masquerelay.cli.doctor;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509TrustManager;
import org.masquerelay.cli.http.TargetTrust;
import org.masquerelay.client.RelayClient;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.http.Transports;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;

/// Whether a relay is reached from this host, over each HTTP version, and what it shows.
///
/// @param role such as `egress`
/// @param tls what it is shown, and whom it is believed from
/// @param trust the same authorities for the checks of its certificate
/// @param versions that it is to be reached by
record RelayChecks(
        String role,
        HostPort relay,
        TlsMaterial tls,
        X509TrustManager trust,
        List<HttpVersion> versions,
        Duration timeout,
        InstantSource clock) {
    private static final byte[] NOTHING = {};

    RelayChecks {
        versions = List.copyOf(versions);
    }

    List<Finding> findings() {
        var found = new ArrayList<Finding>();
        Optional<Finding> skew = Optional.empty();
        boolean overTcp = false;
        for (var version : versions) {
            try (var client = RelayClient.connect(settings(version))) {
                var answer = ask(client);
                if (answer.isEmpty()) {
                    found.add(hungUp(version));
                    continue;
                }
                found.add(Finding.ok(by(version), relay + " answers " + answer.get().status()));
                overTcp |= version != HttpVersion.H3;
                if (skew.isEmpty()) {
                    skew = answer.get().fields().first("date").flatMap(this::skew);
                }
            } catch (IOException e) {
                found.add(unreached(version, e));
            }
        }
        skew.ifPresent(found::add);
        if (overTcp) {
            found.addAll(certificate());
        }
        return found;
    }

    /// Any answer shows that requests get through; empty without one.
    private static Optional<PlainResponse> ask(RelayClient client) {
        try {
            return Optional.of(client.request("GET", "/", HeaderFields.NONE, NOTHING));
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    /// With TLS 1.3, a server refuses a client's certificate after the client's handshake.
    private Finding hungUp(HttpVersion version) {
        return Finding.fail(
                by(version),
                relay + " takes the connection and answers no request",
                "--cert FILE --key FILE if it wants a certificate; its log says why");
    }

    private String by(HttpVersion version) {
        return role + " by " + version.tag();
    }

    private RelayClient.Settings settings(HttpVersion version) {
        return new RelayClient.Settings(
                relay, relay.host(), tls, UriTemplate.UDP, timeout, Transports.only(version));
    }

    private Finding unreached(HttpVersion version, IOException failure) {
        boolean certified =
                Stream.<Throwable>iterate(failure, e -> e != null, Throwable::getCause)
                        .limit(8)
                        .map(e -> String.valueOf(e.getMessage()))
                        .anyMatch(text -> text.contains("ertificate") || text.contains("PKIX"));
        String protocol = version == HttpVersion.H3 ? "udp" : "tcp";
        return Finding.fail(
                by(version),
                relay + ": " + Failure.text(failure),
                certified
                        ? "--ca FILE says who signs its certificate"
                        : "nft add rule inet filter input %s dport %d accept   # there; or --transports"
                                .formatted(protocol, relay.port()));
    }

    private Optional<Finding> skew(String date) {
        try {
            var there = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME);
            return Optional.of(Clocks.compared("the " + role, there.toInstant(), clock.instant()));
        } catch (DateTimeParseException _) {
            return Optional.empty();
        }
    }

    /// HTTP/3 shows the same certificate; only TCP is asked for it here.
    private List<Finding> certificate() {
        try {
            Instant now = clock.instant();
            return new Certificates("the " + role, shown(), trust, now)
                    .findings(Optional.of(relay.host()), true);
        } catch (IOException e) {
            return List.of(
                    Finding.warn(
                            "certificate of the " + role,
                            "not seen: " + Failure.text(e),
                            "try again, with a longer --timeout"));
        }
    }

    private List<X509Certificate> shown() throws IOException {
        var sockets = TargetTrust.sockets(new TargetTrust.Anything().manager());
        var plain = new Socket();
        try (plain) {
            int millis = (int) Math.min(timeout.toMillis(), Integer.MAX_VALUE);
            plain.connect(new InetSocketAddress(relay.host(), relay.port()), millis);
            plain.setSoTimeout(millis);
            var layered = sockets.createSocket(plain, relay.host(), relay.port(), true);
            try (var socket = (SSLSocket) layered) {
                var parameters = socket.getSSLParameters();
                parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
                socket.setSSLParameters(parameters);
                socket.startHandshake();
                return Stream.of(socket.getSession().getPeerCertificates())
                        .map(X509Certificate.class::cast)
                        .toList();
            }
        }
    }
}
