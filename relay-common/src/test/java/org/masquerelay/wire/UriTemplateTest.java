package org.masquerelay.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class UriTemplateTest {

    private static final Set<String> TARGET = Set.of("target_host", "target_port");
    private static final String PATH = "/.well-known/masque/udp/{target_host}/{target_port}/";
    private static final String FORM = "/masque{?target_host,target_port}";
    private static final String SHORT = "/v1/proxy?h={target_host}&p={target_port}";

    @ParameterizedTest(name = "{0} matches {1}: {2} {3}")
    @CsvSource(
            delimiter = ' ',
            value = {
                PATH + " /.well-known/masque/udp/192.0.2.6/443/ 192.0.2.6 443",
                PATH + " /.well-known/masque/udp/2001%3Adb8%3A%3A1/443/ 2001:db8::1 443",
                PATH + " /.well-known/masque/udp/2001%3adb8%3a%3a1/443/ 2001:db8::1 443",
                PATH + " /.well-known/masque/udp/2001:db8::1/443/ 2001:db8::1 443",
                PATH + " /.well-known/masque/udp/a%253Ab/443/ a%3Ab 443",
                PATH + " /.well-known/masque/udp/a%2Fb/443/ a/b 443",
                PATH + " /.well-known/masque/udp/%C3%A9/443/ é 443",
                FORM + " /masque?target_host=example.com&target_port=443 example.com 443",
                FORM + " /masque?target_port=443&x=1&target_host=example.com&x=2 example.com 443",
                SHORT + " /v1/proxy?h=localhost&p=1337 localhost 1337",
                SHORT + " /v1/proxy?h=%3A%3A1&p=1234 ::1 1234",
                SHORT + " /v1/proxy?p=1&h=a+b a+b 1",
                "/m?v=1{&target_host,target_port} /m?target_host=h&target_port=2&v=1 h 2",
                "/m?h={target_host}{&target_port} /m?h=h&target_port=2 h 2",
                "/m/{target_host,target_port} /m/h,2 h 2",
                "/m/{target_host}:{target_port}/x /m/h:2/x h 2",
                "/m/{target_host}{?target_port} /m/h?target_port=2 h 2",
                "https://proxy.example:4443/m/{target_host}/{target_port} /m/h/2 h 2"
            })
    void matches(String template, String path, String host, String port) throws Exception {
        assertThat(UriTemplate.parse(template, TARGET).match(path))
                .contains(Map.of("target_host", host, "target_port", port));
    }

    @ParameterizedTest(name = "{0} does not match {1}")
    @CsvSource(
            delimiter = ' ',
            value = {
                PATH + " /.well-known/masque/udp/192.0.2.6/443",
                PATH + " /.well-known/masque/udp/192.0.2.6/443//",
                PATH + " /.well-known/masque/udp/192.0.2.6/443/x",
                PATH + " /.well-known/masque/udp/192.0.2.6/443/?x=1",
                PATH + " /.well-known/masque/udp/192.0.2.6/",
                PATH + " /some/other/path/",
                PATH + " /.WELL-KNOWN/masque/udp/192.0.2.6/443/",
                PATH + " /",
                PATH + " *",
                FORM + " /masque/?target_host=h&target_port=2",
                "/m?v=1{&target_host,target_port} /m?target_host=h&target_port=2",
                "/m?v=1{&target_host,target_port} /m?v=2&target_host=h&target_port=2",
                "/m/{target_host}:{target_port} /m/h"
            })
    void doesNotMatch(String template, String path) throws Exception {
        assertThat(UriTemplate.parse(template, TARGET).match(path)).isEmpty();
    }

    @ParameterizedTest(name = "{0} refuses {1}")
    @CsvSource(
            delimiter = ' ',
            value = {
                PATH + " /.well-known/masque/udp/%/443/",
                PATH + " /.well-known/masque/udp/a%2/443/",
                PATH + " /.well-known/masque/udp/a%zz/443/",
                PATH + " /.well-known/masque/udp/%C3/443/",
                PATH + " /.well-known/masque/udp/%C0%AF/443/",
                PATH + " /.well-known/masque/udp/%ED%A0%80/443/",
                PATH + " /.well-known/masque/udp/é/443/",
                PATH + " /.well-known/masque/udp/a#b/443/",
                FORM + " /masque",
                FORM + " /masque?target_host=h",
                FORM + " /masque?target_host=h&target_port=1&target_port=2",
                FORM + " /masque?target_host=h&target_host=h&target_port=2",
                SHORT + " /v1/proxy?h=%&p=1",
                SHORT + " /v1/proxy?target_host=h&target_port=1"
            })
    void refuses(String template, String path) {
        UriTemplate parsed = UriTemplate.parse(template, TARGET);
        assertThatThrownBy(() -> parsed.match(path)).isInstanceOf(WireFormatException.class);
    }

    @Test
    void matchesEmptyValuesAsEmpty() throws Exception {
        assertThat(UriTemplate.UDP.match("/.well-known/masque/udp//443/").orElseThrow())
                .containsEntry("target_host", "");
        assertThat(UriTemplate.parse(SHORT, TARGET).match("/v1/proxy?h=&p").orElseThrow())
                .containsEntry("target_host", "")
                .containsEntry("target_port", "");
    }

    @Test
    void neverMatchesAPrefixOfAPath() throws Exception {
        String whole = "/.well-known/masque/udp/192.0.2.6/443/";
        for (int end = 0; end < whole.length(); end++) {
            assertThat(UriTemplate.UDP.match(whole.substring(0, end))).isEmpty();
        }
    }

    @Test
    void boundsThePath() {
        assertThatThrownBy(() -> UriTemplate.UDP.match("/" + "a".repeat(8192)))
                .isInstanceOf(WireFormatException.class);
    }

    @ParameterizedTest(name = "{0} expands {1} to {2}")
    @CsvSource(
            delimiter = ' ',
            value = {
                PATH + " 2001:db8::42 /.well-known/masque/udp/2001%3Adb8%3A%3A42/443/",
                PATH + " ::1 /.well-known/masque/udp/%3A%3A1/443/",
                PATH + " a%3Ab~c-d_e.f /.well-known/masque/udp/a%253Ab~c-d_e.f/443/",
                PATH + " é/ /.well-known/masque/udp/%C3%A9%2F/443/",
                FORM + " ::1 /masque?target_host=%3A%3A1&target_port=443",
                SHORT + " ::1 /v1/proxy?h=%3A%3A1&p=443",
                "/m?v=1{&target_host,target_port} h /m?v=1&target_host=h&target_port=443",
                "/m/{target_host,target_port} a,b /m/a%2Cb,443",
                "https://proxy.example:4443/m/{target_host}/{target_port}{?x} h"
                        + " https://proxy.example:4443/m/h/443"
            })
    void expandsAndMatchesBack(String template, String host, String uri) throws Exception {
        UriTemplate parsed = UriTemplate.parse(template, TARGET);
        Map<String, String> values = Map.of("target_host", host, "target_port", "443");
        assertThat(parsed.expand(values)).isEqualTo(uri);
        assertThat(parsed.match(parsed.expandPath(values))).contains(values);
    }

    @Test
    void refusesToExpandWithoutARequiredValue() {
        assertThatThrownBy(() -> UriTemplate.UDP.expand(Map.of("target_host", "h")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("target_port");
    }

    @Test
    void knowsItsAuthority() {
        assertThat(UriTemplate.UDP.authority()).isEmpty();
        assertThat(UriTemplate.parse("https://[::1]:4443" + PATH, TARGET).authority())
                .contains("[::1]:4443");
    }

    @ParameterizedTest(name = "R2 2: refuses {0}")
    @ValueSource(
            strings = {
                "",
                "masque/{target_host}/{target_port}/",
                "//proxy.example/{target_host}/{target_port}/",
                "http://proxy.example/{target_host}/{target_port}/",
                "https://proxy.example",
                "https://proxy.example{?target_host,target_port}",
                "https:///{target_host}/{target_port}/",
                "https://{target_host}/{target_port}/",
                "https://user@proxy.example/{target_host}/{target_port}/",
                "https://proxy.example:0/{target_host}/{target_port}/",
                "/masque/{target_host}/",
                "/masque/{target_port}/",
                "/masque/é/{target_host}/{target_port}/",
                "/masque /{target_host}/{target_port}/",
                "/masque/{+target_host}/{target_port}/",
                "/masque/{#target_host}/{target_port}/",
                "/masque/{.target_host}/{target_port}/",
                "/masque{/target_host,target_port}",
                "/masque/{;target_host}/{target_port}/",
                "/masque/{target_host:3}/{target_port}/",
                "/masque/{target_host*}/{target_port}/",
                "/masque/{target_host}/{target_port}/#{x}",
                "/masque/{target_host}/{target_port}/{target_host}",
                "/masque/{target_host}{target_port}/",
                "/masque/{target_host}x{target_port}/",
                "/masque/{target_host}/{target_port",
                "/masque/{target_host}/target_port}",
                "/masque/{}/{target_host}/{target_port}",
                "/masque/{target_host,}/{target_port}",
                "/masque{&target_host,target_port}",
                "/masque{?target_host}{?target_port}",
                "/masque?a{?target_host,target_port}",
                "/masque?{target_host}&p={target_port}",
                "/masque?h=x{target_host}&p={target_port}",
                "/masque?h={target_host}x&p={target_port}",
                "/masque?h={target_host,target_port}",
                "/masque?h={target_host}&h={target_port}",
                "/masque?h={target_host}&&p={target_port}",
                "/masque?h={target_host}&p={target_port}&"
            })
    void refusesTemplates(String text) {
        assertThatThrownBy(() -> UriTemplate.parse(text, TARGET))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("URI template");
    }
}
