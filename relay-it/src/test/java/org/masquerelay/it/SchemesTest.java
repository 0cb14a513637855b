package org.masquerelay.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.it.Attempt.Kind;
import org.masquerelay.it.Credentials.Answer;
import org.masquerelay.it.Credentials.Case;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.testkit.RawClient;
import org.masquerelay.testkit.RawTunnel;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;

/// Every scheme, over every HTTP version, with what it asks for and without: the status, the
/// challenges, and whether there is a tunnel.
final class SchemesTest {
    /// A new scheme is a new row here.
    private static final List<Credentials> SCHEMES =
            List.of(new TokenCredentials(), new JwtCredentials(), new PasswordCredentials());

    private static final Credentials TOKEN = SCHEMES.get(0);
    private static final Credentials JWT = SCHEMES.get(1);

    @TempDir static Path directory;

    private static Targets targets;
    private static TwoHops any;
    private static TwoHops both;
    private static TlsMaterial tls;

    @BeforeAll
    static void start() throws Exception {
        targets = new Targets();
        any = hops(SCHEMES.stream().map(Credentials::scheme).collect(Collectors.joining(",")));
        both = hops("jwt+token");
        tls = DevelopmentPki.open(directory, Clock.systemUTC()).client();
    }

    /// Two hops whose ingress lets in whom `admit` says.
    private static TwoHops hops(String admit) throws Exception {
        var ingress = new ArrayList<String>(List.of("--relay.event-loops=1"));
        ingress.add("--relay.auth.admit=" + admit);
        for (var scheme : SCHEMES) {
            if (admit.contains(scheme.scheme())) {
                ingress.addAll(scheme.settings(directory));
            }
        }
        return TwoHops.start(
                directory,
                List.of("--relay.event-loops=1", "--relay.egress.allow-private=true"),
                ingress);
    }

    @AfterAll
    static void stop() throws Exception {
        any.close();
        both.close();
        targets.close();
        LeakPresenceDetector.check();
    }

    @TestFactory
    List<DynamicTest> everyCaseOfEveryScheme() {
        var rows = new ArrayList<DynamicTest>();
        for (var scheme : SCHEMES) {
            for (var version : HttpVersion.values()) {
                for (var kind : Kind.values()) {
                    for (var which : Case.values()) {
                        if (scheme.answer(which) != Answer.NO_SUCH_CASE) {
                            rows.add(row(scheme, version, kind, which));
                        }
                    }
                }
            }
        }
        return rows;
    }

    private static DynamicTest row(Credentials scheme, HttpVersion version, Kind kind, Case which) {
        var answer = scheme.answer(which);
        return DynamicTest.dynamicTest(
                "%s, %s, %s: %s is %s"
                        .formatted(scheme.scheme(), version.tag(), kind, which, answer)
                        .toLowerCase(Locale.ROOT),
                () -> {
                    var material = scheme.tls(which, tls);
                    var fields = HeaderFields.NONE;
                    if (which == Case.REPLAYED) {
                        try (var client = connect(any, version, material)) {
                            var attempt = attempt(any, client, kind);
                            fields = scheme.fields(Case.RIGHT, attempt);
                            assertIs(Answer.TUNNEL, attempt, attempt.open(fields), SCHEMES);
                        }
                    }
                    try (var client = connect(any, version, material)) {
                        var attempt = attempt(any, client, kind);
                        if (which != Case.ABSENT && which != Case.REPLAYED) {
                            fields = scheme.fields(which, attempt);
                        }
                        assertIs(answer, attempt, attempt.open(fields), SCHEMES);
                    }
                });
    }

    @TestFactory
    List<DynamicTest> twoSchemesThatAreBothNeeded() {
        var rows = new ArrayList<DynamicTest>();
        for (var version : HttpVersion.values()) {
            rows.add(together(version, Case.RIGHT, Case.RIGHT, Answer.TUNNEL));
            rows.add(together(version, Case.ABSENT, Case.ABSENT, Answer.CHALLENGED));
            rows.add(together(version, Case.RIGHT, Case.ABSENT, Answer.CHALLENGED));
            rows.add(together(version, Case.ABSENT, Case.RIGHT, Answer.CHALLENGED));
            rows.add(together(version, Case.EXPIRED, Case.RIGHT, Answer.CHALLENGED));
            rows.add(together(version, Case.WRONG_KEY, Case.RIGHT, Answer.CHALLENGED));
            rows.add(together(version, Case.RIGHT, Case.EXPIRED, Answer.CHALLENGED));
            rows.add(together(version, Case.RIGHT, Case.WRONG_KEY, Answer.REFUSED));
            rows.add(
                    DynamicTest.dynamicTest(
                            version.tag() + ": a token that was not enough is not spent",
                            () -> keepsTheToken(version)));
        }
        return rows;
    }

    private static DynamicTest together(HttpVersion version, Case jwt, Case token, Answer answer) {
        return DynamicTest.dynamicTest(
                "jwt+token, %s: %s and %s are %s"
                        .formatted(version.tag(), jwt, token, answer)
                        .toLowerCase(Locale.ROOT),
                () -> {
                    try (var client = connect(both, version, tls)) {
                        var attempt =
                                new Attempt(both, client, Kind.CONNECT, targets, "authorization");
                        var fields = fields(JWT, jwt, attempt);
                        var second =
                                new Attempt(
                                        both, client, Kind.CONNECT, targets, "proxy-authorization");
                        for (var line : fields(TOKEN, token, second)) {
                            fields = fields.with(line.name(), line.value());
                        }
                        assertIs(answer, attempt, attempt.open(fields), List.of(JWT, TOKEN));
                    }
                });
    }

    private static HeaderFields fields(Credentials scheme, Case which, Attempt attempt)
            throws Exception {
        return which == Case.ABSENT ? HeaderFields.NONE : scheme.fields(which, attempt);
    }

    private static void keepsTheToken(HttpVersion version) throws Exception {
        try (var client = connect(both, version, tls)) {
            var attempt = attempt(both, client, Kind.CONNECT);
            var token = TOKEN.fields(Case.RIGHT, attempt);
            var schemes = List.of(JWT, TOKEN);
            assertIs(Answer.CHALLENGED, attempt, attempt.open(token), schemes);
            var first = new Attempt(both, client, Kind.CONNECT, targets, "authorization");
            var more = JWT.fields(Case.RIGHT, first);
            for (var line : token) {
                more = more.with(line.name(), line.value());
            }
            assertIs(Answer.TUNNEL, attempt, attempt.open(more), schemes);
        }
    }

    private static RawClient connect(TwoHops hops, HttpVersion version, TlsMaterial material)
            throws Exception {
        var ingress = hops.clientSettings().relay();
        return RawClient.connect(
                version, new InetSocketAddress(ingress.host(), ingress.port()), material);
    }

    /// As clients of either kind do it: a proxy's have their credentials in Proxy-Authorization.
    private static Attempt attempt(TwoHops hops, RawClient client, Kind kind) {
        var field =
                switch (kind) {
                    case CONNECT -> "proxy-authorization";
                    case CONNECT_UDP -> "authorization";
                };
        return new Attempt(hops, client, kind, targets, field);
    }

    private static void assertIs(
            Answer answer, Attempt attempt, RawTunnel tunnel, List<Credentials> inForce)
            throws Exception {
        var head = tunnel.awaitHead();
        switch (answer) {
            case TUNNEL -> {
                assertThat(head.opens()).as("%s", head).isTrue();
                if (attempt.kind() == Kind.CONNECT) {
                    tunnel.send("hello");
                    assertThat(tunnel.awaitText(5)).isEqualTo("hello");
                }
            }
            case CHALLENGED -> assertChallenged(attempt.kind() == Kind.CONNECT, head, inForce);
            case REFUSED -> assertNothingButStatus(403, head);
            case HIDDEN -> assertNothingButStatus(404, head);
            case NO_SUCH_CASE -> throw new AssertionError("no such case");
        }
    }

    private static void assertChallenged(
            boolean asProxy, RawTunnel.Head head, List<Credentials> inForce) {
        assertThat(head.status()).isEqualTo(asProxy ? 407 : 401);
        var offered =
                head.fields().all(asProxy ? "proxy-authenticate" : "www-authenticate").stream()
                        .map(challenge -> challenge.split(" ", 2)[0])
                        .collect(Collectors.toSet());
        var expected =
                inForce.stream()
                        .map(Credentials::challenge)
                        .filter(name -> !name.isEmpty())
                        .collect(Collectors.toSet());
        assertThat(offered).isEqualTo(expected);
        assertThat(head.fields().contains(asProxy ? "www-authenticate" : "proxy-authenticate"))
                .isFalse();
    }

    private static void assertNothingButStatus(int status, RawTunnel.Head head) {
        assertThat(head.status()).isEqualTo(status);
        assertThat(head.fields().contains("www-authenticate")).isFalse();
        assertThat(head.fields().contains("proxy-authenticate")).isFalse();
    }
}
