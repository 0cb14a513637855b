package org.masquerelay.it;

import java.util.ArrayList;
import java.util.List;
import org.masquerelay.concealed.RequestOrigin;
import org.masquerelay.signature.SignedMessage;
import org.masquerelay.testkit.RawClient;
import org.masquerelay.testkit.RawTunnel;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;

/// A request for one tunnel on a connection of its own.
///
/// @param field the field that the client has its credentials in
record Attempt(TwoHops hops, RawClient client, Kind kind, Targets targets, String field) {
    /// How a tunnel is asked for.
    enum Kind {
        /// RFC 9110, section 9.3.6.
        CONNECT,
        /// RFC 9298.
        CONNECT_UDP
    }

    private static final String AUTHORITY = "localhost";
    private static final HeaderFields CAPSULES = HeaderFields.of("capsule-protocol", "?1");

    /// The same with its credentials in another field.
    Attempt with(String other) {
        return new Attempt(hops, client, kind, targets, other);
    }

    RawTunnel open(HeaderFields fields) throws Exception {
        return switch (kind) {
            case CONNECT -> client.connect(targets.tcp().toString(), lines(fields));
            case CONNECT_UDP -> upgrade(path(), fields);
        };
    }

    /// Asks for a path where nothing is; CONNECT, which has no path, asks without credentials.
    RawTunnel openNothing() throws Exception {
        return switch (kind) {
            case CONNECT -> open(HeaderFields.NONE);
            case CONNECT_UDP -> upgrade("/.well-known/masque/nothing/", HeaderFields.NONE);
        };
    }

    private RawTunnel upgrade(String path, HeaderFields fields) throws Exception {
        return client.upgrade("connect-udp", path, lines(and(fields, CAPSULES)));
    }

    /// The request without its credentials, for who signs it.
    SignedMessage.Request message() {
        return switch (kind) {
            case CONNECT ->
                    new SignedMessage.Request(
                            "CONNECT", null, targets.tcp().toString(), null, HeaderFields.NONE);
            case CONNECT_UDP ->
                    new SignedMessage.Request(
                            client.version() == HttpVersion.H1 ? "GET" : "CONNECT",
                            "https",
                            AUTHORITY,
                            path(),
                            CAPSULES);
        };
    }

    /// What a proof for the request is bound to.
    RequestOrigin origin() {
        return switch (kind) {
            case CONNECT -> new RequestOrigin("https", targets.tcp().host(), targets.tcp().port());
            case CONNECT_UDP -> new RequestOrigin("https", AUTHORITY, 443);
        };
    }

    private String path() {
        return "/.well-known/masque/udp/127.0.0.1/" + targets.udp().port() + "/";
    }

    static HeaderFields and(HeaderFields fields, HeaderFields more) {
        var all = fields;
        for (var line : more) {
            all = all.with(line.name(), line.value());
        }
        return all;
    }

    private static String[] lines(HeaderFields fields) {
        var lines = new ArrayList<String>();
        fields.forEach(line -> lines.addAll(List.of(line.name(), line.value())));
        return lines.toArray(String[]::new);
    }
}
