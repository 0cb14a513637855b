package org.masquerelay.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.tunnel.HeaderField;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.RequestHead;

/// [RFC 9421, section 2](https://datatracker.ietf.org/doc/html/rfc9421#section-2), most of it with
/// the examples there.
final class SignatureBaseTest {
    private static final HeaderFields FIELDS =
            new HeaderFields(
                    List.of(
                            new HeaderField(
                                    "example-dict", "a=1,    b=2;x=1;y=2,   c=(a   b   c), d"),
                            new HeaderField("example-header", "value, with, lots"),
                            new HeaderField("example-header", "of, commas"),
                            new HeaderField("cache-control", " max-age=60 "),
                            new HeaderField("cache-control", "must-revalidate"),
                            new HeaderField("empty-header", ""),
                            new HeaderField("priority", "u=1,   i"),
                            new HeaderField("capsule-protocol", "?1;  x"),
                            new HeaderField("evil", "a\u00e9")));

    private static SignedMessage.Request request(
            String method, @Nullable String scheme, String authority, @Nullable String path) {
        return new SignedMessage.Request(method, scheme, authority, path, FIELDS);
    }

    private static String line(SignedMessage message, String component) throws Exception {
        var parameters =
                MessageSignature.parse(
                                HeaderFields.of("signature-input", "a=(" + component + ");x")
                                        .with("signature", "a=::"))
                        .getFirst()
                        .parameters();
        return SignatureBase.of(message, parameters).text().split("\n", -1)[0];
    }

    private static final SignedMessage GET =
            request(
                    "GET",
                    "https",
                    "WWW.Example.com:443",
                    "/parameters?var=this%20is%20a%20big%0Amultiline%20value&"
                            + "bar=with+plus+whitespace&fa%C3%A7ade%22%3A%20=something"
                            + "&qux=&twice=1&twice=2&bare");

    @ParameterizedTest(name = "[{index}] {0}: {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"@method\"|GET",
                "\"@authority\"|www.example.com",
                "\"@scheme\"|https",
                "\"@path\"|/parameters",
                "\"@query-param\";name=\"var\"|this%20is%20a%20big%0Amultiline%20value",
                "\"@query-param\";name=\"bar\"|with%20plus%20whitespace",
                "\"@query-param\";name=\"fa%C3%A7ade%22%3A%20\"|something",
                "\"@query-param\";name=\"qux\"|``",
                "\"@query-param\";name=\"bare\"|``",
                "\"cache-control\"|max-age=60, must-revalidate",
                "\"empty-header\"|``",
                "\"example-dict\"|a=1,    b=2;x=1;y=2,   c=(a   b   c), d",
                "\"example-dict\";key=\"a\"|1",
                "\"example-dict\";key=\"d\"|?1",
                "\"example-dict\";key=\"b\"|2;x=1;y=2",
                "\"example-dict\";key=\"c\"|(a b c)",
                "\"example-dict\";sf;key=\"c\"|(a b c)",
                "\"example-header\"|value, with, lots, of, commas",
                "\"example-header\";bs|:dmFsdWUsIHdpdGgsIGxvdHM=:, :b2YsIGNvbW1hcw==:",
                "\"priority\";sf|u=1, i",
                "\"capsule-protocol\";sf|?1;x",
            })
    void derivesAComponent(String component, String value) throws Exception {
        assertThat(line(GET, component)).isEqualTo(component + ": " + value);
    }

    @Test
    void derivesTheTargetInAllItsForms() throws Exception {
        var post = request("POST", "HTTPS", "www.example.com", "/path?param=value");
        assertThat(line(post, "\"@target-uri\""))
                .endsWith(": HTTPS://www.example.com/path?param=value");
        assertThat(line(post, "\"@scheme\"")).endsWith(": https");
        assertThat(line(post, "\"@request-target\"")).endsWith(": /path?param=value");
        assertThat(line(post, "\"@query\"")).endsWith(": ?param=value");
        var bare = request("GET", "http", "www.example.com:80", "");
        assertThat(line(bare, "\"@path\"")).endsWith(": /");
        assertThat(line(bare, "\"@query\"")).endsWith(": ?");
        assertThat(line(bare, "\"@authority\"")).endsWith(": www.example.com");
        var connect = request("CONNECT", null, "www.example.com:80", null);
        assertThat(line(connect, "\"@request-target\"")).endsWith(": www.example.com:80");
        assertThat(line(connect, "\"@authority\"")).endsWith(": www.example.com:80");
    }

    @ParameterizedTest(name = "[{index}] {0}")
    @ValueSource(
            strings = {
                "\"@status\"",
                "\"@protocol\"",
                "\"@signature-params\"",
                "\"@method\";req",
                "\"@method\";bs",
                "\"@query-param\"",
                "\"@query-param\";name=\"twice\"",
                "\"@query-param\";name=\"absent\"",
                "\"@query-param\";name=x",
                "\"absent\"",
                "\"Cache-Control\"",
                "\"cache-control\";tr",
                "\"cache-control\";req",
                "\"cache-control\";sf",
                "\"example-dict\";bs;key=\"a\"",
                "\"example-dict\";bs;sf",
                "\"example-dict\";bs=?0",
                "\"example-dict\";key=\"absent\"",
                "\"example-dict\";key=a",
                "\"example-header\";key=\"value\";other",
                "\"priority\";sf=?0",
                "\"evil\"",
                "\"cache-control\" \"cache-control\"",
                "\"example-dict\";key=\"a\";sf \"example-dict\";sf;key=\"a\"",
                "cache-control",
                "1",
            })
    void refusesWhatCannotBeDerived(String component) {
        assertThatThrownBy(() -> line(GET, component)).isInstanceOf(SignatureFaultException.class);
    }

    @Test
    void aConnectHasNeitherSchemeNorPath() {
        var connect = request("CONNECT", null, "www.example.com:80", null);
        for (var name : List.of("@scheme", "@path", "@query", "@target-uri")) {
            assertThatThrownBy(() -> line(connect, "\"" + name + "\""))
                    .isInstanceOf(SignatureFaultException.class);
        }
    }

    @Test
    void aLineEndInAValueIsRefused() {
        var request =
                new SignedMessage.Request(
                        "GET",
                        "https",
                        "a.example",
                        "/x\n\"@method\": POST",
                        new HeaderFields(new ArrayList<>()));
        assertThatThrownBy(() -> line(request, "\"@path\""))
                .isInstanceOf(SignatureFaultException.class);
    }

    @Test
    void anUpgradeOfHttp1IsAGet() {
        var head =
                new RequestHead(
                        "CONNECT", "https", "a.example", "/x", "connect-udp", HeaderFields.NONE);
        assertThat(SignedMessage.of(head, HttpVersion.H1).method()).isEqualTo("GET");
        assertThat(SignedMessage.of(head, HttpVersion.H2).method()).isEqualTo("CONNECT");
        assertThat(SignedMessage.of(head, HttpVersion.H3).method()).isEqualTo("CONNECT");
    }
}
