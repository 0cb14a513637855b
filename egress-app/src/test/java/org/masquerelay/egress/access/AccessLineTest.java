package org.masquerelay.egress.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.wire.HostPort;

final class AccessLineTest {
    @Test
    void isOneLineWhateverItsTextsAre() {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("id", "a");
        fields.put("bytes_in", 7L);
        fields.put("tenant", "\"},\\{\n\u00e9");
        assertThat(new AccessLine(fields).toJson())
                .isEqualTo(
                        "{\"id\":\"a\",\"bytes_in\":7,"
                                + "\"tenant\":\"\\u0022},\\u005c{\\u000a\\u00e9\"}");
    }

    @ParameterizedTest
    @CsvSource({
        "www.shop.example.com, example.com",
        "example.com, example.com",
        "www.example.com., example.com.",
        "localhost, localhost",
        "192.0.2.7, ipv4",
        "2001:db8::7, ipv6"
    })
    void hasTwoLabelsOfANameAndNothingOfAnAddress(String host, String suffix) {
        assertThat(described(TargetDetail.NAME_SUFFIX, host))
                .isEqualTo(Map.of("target", suffix, "port", 443));
    }

    @Test
    void hasAsMuchOfATargetAsItIsTold() {
        assertThat(described(TargetDetail.NONE, "a.example.com")).isEmpty();
        assertThat(described(TargetDetail.PORT, "a.example.com")).isEqualTo(Map.of("port", 443));
        assertThat(described(TargetDetail.FULL, "a.example.com"))
                .isEqualTo(Map.of("target", "a.example.com", "port", 443));
    }

    private static Map<String, Object> described(TargetDetail detail, String host) {
        var fields = new LinkedHashMap<String, Object>();
        detail.describe(new HostPort(host, 443), fields);
        return fields;
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void cannotBeMadeToSayWhoWentWhere(TargetDetail detail) {
        assertThatThrownBy(() -> new AccessSettings(1, detail, true))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
