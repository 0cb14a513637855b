package org.masquerelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.Counter;
import io.netty.util.LeakPresenceDetector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
    private static final Credentials TOKEN = new TokenCredentials();
    private static final Credentials JWT = new JwtCredentials();

    /// Where another scheme has a challenge, who has no certificate is told of that.
    private static final CertificateCredentials MTLS =
            CertificateCredentials.wanted(Answer.CHALLENGED);

    /// A new scheme is a new row here.
    private static final List<Credentials> TOGETHER =
            List.of(
                    TOKEN,
                    JWT,
                    new PasswordCredentials(),
                    new SignatureCredentials(),
                    ConcealedCredentials.of("Ed25519", 0, Answer.CHALLENGED),
                    MTLS);

    /// Those that answer otherwise where no other scheme is in force.
    private static final CertificateCredentials MTLS_ALONE =
            CertificateCredentials.wanted(Answer.REFUSED);

    private static final List<Credentials> CONCEALED_ALONE =
            List.of(
                    ConcealedCredentials.of("Ed25519", 0, Answer.HIDDEN),
                    ConcealedCredentials.of("RSA", 1, Answer.HIDDEN));

    @TempDir static Path directory;

    private static Targets targets;
    private static TlsMaterial tls;
    private static Place together;
    private static Place certified;
    private static Place certifiedStrictly;
    private static Place concealed;
    private static Place jwtAndToken;
    private static Place mtlsAndToken;

    /// A listener of an ingress.
    ///
    /// @param inForce what it may be asked with
    private record Place(TwoHops hops, int listener, List<Credentials> inForce) {
        RawClient connect(HttpVersion version, TlsMaterial material) throws Exception {
            return RawClient.connect(version, hops.ingressAddress(listener), material);
        }

        /// As clients of either kind do it: a proxy's have their credentials in
        /// Proxy-Authorization.
        Attempt attempt(RawClient client, Kind kind) {
            var field =
                    switch (kind) {
                        case CONNECT -> "proxy-authorization";
                        case CONNECT_UDP -> "authorization";
                    };
            return new Attempt(hops, client, kind, targets, field);
        }
    }

    @BeforeAll
    static void start() throws Exception {
        targets = new Targets();
        var names = TOGETHER.stream().map(Credentials::scheme).collect(Collectors.joining(","));
        together = place(names, TOGETHER);
        concealed = place("concealed", CONCEALED_ALONE);
        jwtAndToken = place("jwt+token", List.of(JWT, TOKEN));
        mtlsAndToken = place("mtls+token", List.of(MTLS, TOKEN));
        var strict = MTLS_ALONE.required();
        certified = place("mtls", List.of(MTLS_ALONE, strict));
        certifiedStrictly = new Place(certified.hops(), strict.listener(), List.of(strict));
        tls = DevelopmentPki.open(directory, Clock.systemUTC()).client();
    }

    /// Two hops whose ingress lets in whom `admit` says.
    private static Place place(String admit, List<Credentials> inForce) throws Exception {
        var ingress = new ArrayList<String>(List.of("--relay.event-loops=1"));
        ingress.add("--relay.auth.admit=" + admit);
        var files = Files.createTempDirectory(directory, "ingress");
        for (var scheme : inForce) {
            ingress.addAll(scheme.settings(files));
        }
        var egress = List.of("--relay.event-loops=1", "--relay.egress.allow-private=true");
        return new Place(TwoHops.start(directory, egress, ingress), 0, inForce);
    }

    @AfterAll
    static void stop() throws Exception {
        for (var place : List.of(together, certified, concealed, jwtAndToken, mtlsAndToken)) {
            place.hops().close();
        }
        targets.close();
        LeakPresenceDetector.check();
    }

    @TestFactory
    List<DynamicTest> everyCaseOfEverySchemeAmongOthers() {
        return TOGETHER.stream().flatMap(scheme -> rows(together, scheme)).toList();
    }

    @TestFactory
    List<DynamicTest> everyCaseOfCertificatesAlone() {
        var strict = certifiedStrictly.inForce().getFirst();
        return Stream.concat(rows(certified, MTLS_ALONE), rows(certifiedStrictly, strict)).toList();
    }

    @TestFactory
    List<DynamicTest> everyCaseOfProofsAloneIsHiddenButOne() {
        return CONCEALED_ALONE.stream().flatMap(scheme -> rows(concealed, scheme)).toList();
    }

    private static Stream<DynamicTest> rows(Place place, Credentials scheme) {
        var rows = new ArrayList<DynamicTest>();
        for (var version : HttpVersion.values()) {
            for (var kind : Kind.values()) {
                for (var which : Case.values()) {
                    if (scheme.worksOver(version) && scheme.answer(which) != Answer.NO_SUCH_CASE) {
                        rows.add(row(place, scheme, version, kind, which));
                    }
                }
            }
        }
        return rows.stream();
    }

    private static DynamicTest row(
            Place place, Credentials scheme, HttpVersion version, Kind kind, Case which) {
        var answer = scheme.answer(which);
        return DynamicTest.dynamicTest(
                "%s, %s, %s: %s is %s"
                        .formatted(scheme.label(), version.tag(), kind, which, answer)
                        .toLowerCase(Locale.ROOT),
                () -> {
                    var material = scheme.tls(which, tls);
                    if (answer == Answer.NO_CONNECTION) {
                        assertNoConnection(place, version, material, kind);
                        return;
                    }
                    var fields = HeaderFields.NONE;
                    if (which == Case.REPLAYED) {
                        try (var client = place.connect(version, material)) {
                            var attempt = place.attempt(client, kind);
                            fields = scheme.fields(Case.RIGHT, attempt);
                            assertIs(Answer.TUNNEL, attempt, attempt.open(fields), place);
                        }
                    }
                    try (var client = place.connect(version, material)) {
                        var attempt = place.attempt(client, kind);
                        if (which != Case.ABSENT && which != Case.REPLAYED) {
                            fields = scheme.fields(which, attempt);
                        }
                        assertIs(answer, attempt, attempt.open(fields), place);
                    }
                });
    }

    @TestFactory
    List<DynamicTest> twoSchemesThatAreBothNeeded() {
        var rows = new ArrayList<DynamicTest>();
        for (var place : List.of(jwtAndToken, mtlsAndToken)) {
            for (var version : HttpVersion.values()) {
                rows.add(both(place, version, Case.RIGHT, Case.RIGHT, Answer.TUNNEL));
                rows.add(both(place, version, Case.ABSENT, Case.ABSENT, Answer.CHALLENGED));
                rows.add(both(place, version, Case.RIGHT, Case.ABSENT, Answer.CHALLENGED));
                rows.add(both(place, version, Case.ABSENT, Case.RIGHT, Answer.CHALLENGED));
                rows.add(both(place, version, Case.EXPIRED, Case.RIGHT, Answer.CHALLENGED));
                rows.add(both(place, version, Case.WRONG_KEY, Case.RIGHT, Answer.CHALLENGED));
                rows.add(both(place, version, Case.RIGHT, Case.EXPIRED, Answer.CHALLENGED));
                rows.add(both(place, version, Case.RIGHT, Case.WRONG_KEY, Answer.REFUSED));
                rows.add(
                        DynamicTest.dynamicTest(
                                "%s+token, %s: a token that was not enough is not spent"
                                        .formatted(first(place).scheme(), version.tag()),
                                () -> keepsTheToken(place, version)));
            }
        }
        for (var version : HttpVersion.values()) {
            rows.add(both(mtlsAndToken, version, Case.REVOKED, Case.RIGHT, Answer.CHALLENGED));
        }
        return rows;
    }

    private static Credentials first(Place place) {
        return place.inForce().getFirst();
    }

    private static DynamicTest both(
            Place place, HttpVersion version, Case one, Case token, Answer answer) {
        return DynamicTest.dynamicTest(
                "%s+token, %s: %s and %s are %s"
                        .formatted(first(place).scheme(), version.tag(), one, token, answer)
                        .toLowerCase(Locale.ROOT),
                () -> {
                    try (var client = place.connect(version, first(place).tls(one, tls))) {
                        var attempt = place.attempt(client, Kind.CONNECT);
                        var fields =
                                Attempt.and(
                                        fields(first(place), one, attempt.with("authorization")),
                                        fields(TOKEN, token, attempt));
                        assertIs(answer, attempt, attempt.open(fields), place);
                    }
                });
    }

    private static HeaderFields fields(Credentials scheme, Case which, Attempt attempt)
            throws Exception {
        return which == Case.ABSENT ? HeaderFields.NONE : scheme.fields(which, attempt);
    }

    private static void keepsTheToken(Place place, HttpVersion version) throws Exception {
        HeaderFields token;
        try (var client = place.connect(version, tls)) {
            var attempt = place.attempt(client, Kind.CONNECT);
            token = TOKEN.fields(Case.RIGHT, attempt);
            assertIs(Answer.CHALLENGED, attempt, attempt.open(token), place);
        }
        try (var client = place.connect(version, first(place).tls(Case.RIGHT, tls))) {
            var attempt = place.attempt(client, Kind.CONNECT);
            var more = first(place).fields(Case.RIGHT, attempt.with("authorization"));
            assertIs(Answer.TUNNEL, attempt, attempt.open(Attempt.and(more, token)), place);
        }
    }

    /// No answer comes, and over TCP the ingress counts one handshake more that has failed.
    private static void assertNoConnection(
            Place place, HttpVersion version, TlsMaterial material, Kind kind) {
        double before = failedHandshakes(place);
        assertThatThrownBy(
                        () -> {
                            try (var client = place.connect(version, material)) {
                                place.attempt(client, kind).open(HeaderFields.NONE).awaitHead();
                            }
                        })
                .isNotInstanceOf(RuntimeException.class);
        if (version != HttpVersion.H3) {
            Await.until("the handshake has failed", () -> failedHandshakes(place) > before);
        }
    }

    private static double failedHandshakes(Place place) {
        return place
                .hops()
                .ingressMeters()
                .find("masque.connections.refused")
                .tag("reason", "handshake_failed")
                .counters()
                .stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    private static void assertIs(Answer answer, Attempt attempt, RawTunnel tunnel, Place place)
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
            case CHALLENGED -> assertChallenged(attempt.kind() == Kind.CONNECT, head, place);
            case REFUSED -> assertNothingButStatus(403, head);
            case HIDDEN -> {
                assertNothingButStatus(404, head);
                assertThat(head).as("the same").isEqualTo(attempt.openNothing().awaitHead());
            }
            case NO_CONNECTION, NO_SUCH_CASE -> throw new AssertionError("an answer to " + answer);
        }
    }

    private static void assertChallenged(boolean asProxy, RawTunnel.Head head, Place place) {
        assertThat(head.status()).isEqualTo(asProxy ? 407 : 401);
        var offered =
                head.fields().all(asProxy ? "proxy-authenticate" : "www-authenticate").stream()
                        .map(challenge -> challenge.split(" ", 2)[0])
                        .collect(Collectors.toSet());
        var expected =
                place.inForce().stream()
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
