package org.masquerelay.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ProxyStatusTest {

    private static final long SEED = 9209;

    @DisplayName("case 16, R5 9209 2.1.2: next-hop")
    @Test
    void writesTheNextHopOfCase16() {
        ProxyStatusMember member =
                new ProxyStatusMember(
                        "proxy.example:443",
                        Optional.empty(),
                        Map.of("next-hop", new BareItem.Text("192.0.2.1:443")));
        assertThat(ProxyStatus.format(List.of(member)))
                .isEqualTo("\"proxy.example:443\";next-hop=\"192.0.2.1:443\"");
    }

    @DisplayName("R5 9209 2.1.4: details are escaped")
    @Test
    void escapesDetails() {
        Map<String, BareItem> parameters = new LinkedHashMap<>();
        parameters.put("rcode", new BareItem.Text("NXDOMAIN"));
        parameters.put("details", new BareItem.Text("a\"b\r\nSet-Cookie: x"));
        ProxyStatusMember member = new ProxyStatusMember("e", Optional.of("dns_error"), parameters);
        String text = ProxyStatus.format(List.of(member));
        assertThat(text)
                .isEqualTo(
                        "\"e\";error=dns_error;rcode=\"NXDOMAIN\";details=\"a\\\"b??Set-Cookie: x\"");
        assertThat(ProxyStatus.parse(text).getFirst().parameters())
                .containsEntry("details", new BareItem.Text("a\"b??Set-Cookie: x"));
    }

    @DisplayName("R5 9209 2: our member follows those received, whose unknown parameters stay")
    @Test
    void appendsBehindTheMembersReceived() {
        // RFC 9209, section 2: the first member is the proxy nearest to the origin.
        List<ProxyStatusMember> chain =
                new ArrayList<>(
                        ProxyStatus.parse(
                                "revproxy1.example.net;error=dns_error;x-new=?0;flag;n=-4;d=1.50"
                                        + " ,\t\"second\";received-status=200;b=:YQ==:"));
        chain.add(new ProxyStatusMember("ingress", Optional.of("connection_refused"), Map.of()));
        assertThat(ProxyStatus.format(chain))
                .isEqualTo(
                        "\"revproxy1.example.net\";error=dns_error;x-new=?0;flag;n=-4;d=1.5,"
                                + " \"second\";received-status=200;b=:YQ==:,"
                                + " \"ingress\";error=connection_refused");
        assertThat(ProxyStatus.parse(ProxyStatus.format(chain))).isEqualTo(chain);
    }

    @Test
    void keepsTheLastOfRepeatedParameters() {
        ProxyStatusMember member = ProxyStatus.parse("p;error=a;k=1;error=b;k=2").getFirst();
        assertThat(member.error()).contains("b");
        assertThat(member.parameters()).containsOnly(Map.entry("k", new BareItem.Whole(2)));
    }

    @Test
    void keepsAnErrorThatIsNoTokenAsAParameter() {
        ProxyStatusMember member = ProxyStatus.parse("p;error=\"a b\"").getFirst();
        assertThat(member.error()).isEmpty();
        assertThat(ProxyStatus.format(List.of(member))).isEqualTo("\"p\";error=\"a b\"");
    }

    @DisplayName("R5 9209 2: what is malformed counts as absent")
    @ParameterizedTest(name = "finds no member in \"{0}\"")
    @ValueSource(
            strings = {
                "",
                "  ",
                "\"open",
                "p,",
                ",p",
                "p;;",
                "p;error=",
                "1",
                "?1",
                "(p q)",
                "p q",
                "p ;a",
                "p;Error=a",
                "\u00e9",
                "p\u0000",
                "p, 1",
                "p;a=\"\r\n\""
            })
    void findsNothingInGarbage(String text) {
        assertThat(ProxyStatus.parse(text)).isEmpty();
    }

    @Test
    void survivesEveryPrefixAndEveryChangedCharacter() {
        String whole = "\"a\\\"b\";error=dns_error;n=-12.5;t=@1;b=:YQ==:;d=%\"x\";f, q;z=?1";
        assertThat(ProxyStatus.parse(whole)).hasSize(2);
        Random random = new Random(SEED);
        for (int at = 0; at < whole.length(); at++) {
            reparses(whole.substring(0, at));
            for (int i = 0; i < 50; i++) {
                reparses(
                        whole.substring(0, at)
                                + (char) random.nextInt(160)
                                + whole.substring(at + 1));
            }
        }
    }

    private static void reparses(String text) {
        List<ProxyStatusMember> members = ProxyStatus.parse(text);
        assertThat(ProxyStatus.parse(ProxyStatus.format(members)))
                .as("seed %d", SEED)
                .isEqualTo(members);
    }

    @Test
    void boundsMembersAndLength() {
        assertThat(ProxyStatus.parse(String.join(",", Collections.nCopies(64, "p")))).hasSize(64);
        assertThat(ProxyStatus.parse(String.join(",", Collections.nCopies(65, "p")))).isEmpty();
        assertThat(ProxyStatus.parse("p".repeat(8193))).isEmpty();
    }

    @Test
    void refusesNamesOfProgrammersThatWouldBreakTheField() {
        assertThatThrownBy(() -> new ProxyStatusMember("p", Optional.of("a b"), Map.of()))
                .isInstanceOf(IllegalArgumentException.class);
        Map<String, BareItem> parameters = Map.of("A;b", new BareItem.Bool(true));
        assertThatThrownBy(() -> new ProxyStatusMember("p", Optional.empty(), parameters))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
