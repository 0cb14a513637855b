package org.masquerelay.token.issuance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.masquerelay.token.TokenFaults.assertFault;
import static org.masquerelay.token.TokenFaults.assertRefused;

import java.math.BigInteger;
import java.net.URI;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.token.Base64Url;
import org.masquerelay.token.BlindRsaKey;
import org.masquerelay.token.IssuerKey;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TokenFormatException.Fault;
import org.masquerelay.token.TokenType;
import org.masquerelay.token.Vectors;
import org.masquerelay.token.VoprfKey;

class IssuerDirectoryTest {
    private static final Instant CHANGE = Instant.ofEpochSecond(1686913811);

    private final BlindRsaKey key =
            BlindRsaKey.parse(Vectors.read("rfc9578-type2.json").getFirst().hex("pkS"));
    private final BlindRsaKey next =
            BlindRsaKey.ofModulus(key.rsa().getModulus().add(BigInteger.TWO));
    private final VoprfKey voprf =
            VoprfKey.parse(Vectors.read("rfc9578-type1.json").getFirst().hex("pkS"));
    private final IssuerDirectory directory =
            new IssuerDirectory(
                    URI.create("/token-request"),
                    List.of(
                            new IssuerDirectory.Entry(next, CHANGE),
                            IssuerDirectory.Entry.usable(voprf),
                            IssuerDirectory.Entry.usable(key)));

    IssuerDirectoryTest() throws TokenFormatException {}

    @Test
    void roundTrips() throws TokenFormatException {
        assertThat(IssuerDirectory.parse(directory.toJson())).isEqualTo(directory);
    }

    @Test
    void writesTheFieldsOfRfc9578() {
        String expected =
                """
                {"issuer-request-uri":"/token-request","token-keys":[\
                {"token-type":2,"token-key":"%s","not-before":1686913811},\
                {"token-type":1,"token-key":"%s"},\
                {"token-type":2,"token-key":"%s"}]}\
                """
                        .formatted(base64(next), base64(voprf), base64(key));
        assertThat(new String(directory.toJson(), UTF_8)).isEqualTo(expected);
    }

    // RFC 9578, section 4: the first key whose not-before has passed.
    @Test
    void prefersTheFirstKeyWhoseTimeHasCome() {
        assertThat(directory.preferredKey(TokenType.BLIND_RSA, CHANGE.minusSeconds(1)))
                .contains(key);
        assertThat(directory.preferredKey(TokenType.BLIND_RSA, CHANGE)).contains(next);
        assertThat(directory.keys()).containsExactly(next, voprf, key);
        assertThat(directory.preferredKey(TokenType.VOPRF, CHANGE)).contains(voprf);
    }

    @Test
    void resolvesTheRequestUriAgainstItsOwn() {
        var own = URI.create("https://issuer.example" + IssuerDirectory.PATH);
        assertThat(directory.requestUri(own))
                .isEqualTo(URI.create("https://issuer.example/token-request"));
    }

    @Test
    void stepsOverUnknownFieldsAndTokenTypes() throws TokenFormatException {
        String json =
                """
                { "x": {"y": [1, {"z": null}]}, "issuer-request-uri": "https://i.example/r",
                  "token-keys": [
                    {"token-type": 3, "token-key": "AAAA"},
                    {"token-type": 55930, "token-key": "!", "more": [[]]},
                    {"token-key": "%s", "not-before": 7, "token-type": 2, "a": true} ] }
                """
                        .formatted(base64(key).replace("=", ""));
        var entry = new IssuerDirectory.Entry(key, Instant.ofEpochSecond(7));

        assertThat(IssuerDirectory.parse(json.getBytes(UTF_8)))
                .isEqualTo(new IssuerDirectory(URI.create("https://i.example/r"), List.of(entry)));
    }

    @Test
    void refusesEveryPrefix() {
        byte[] json = directory.toJson();
        for (int length = 0; length < json.length; length++) {
            byte[] prefix = Arrays.copyOf(json, length);
            assertRefused("length " + length, () -> IssuerDirectory.parse(prefix));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "null",
                "{}",
                "{'issuer-request-uri':'/r'}",
                "{'token-keys':[]}",
                "{'issuer-request-uri':7,'token-keys':[]}",
                "{'issuer-request-uri':'%','token-keys':[]}",
                "{'issuer-request-uri':'/r','token-keys':{}}",
                "{'issuer-request-uri':'/r','token-keys':[7]}",
                "{'issuer-request-uri':'/r','token-keys':[{'token-type':2}]}",
                "{'issuer-request-uri':'/r','token-keys':[{'token-key':'AA=='}]}",
                "{'issuer-request-uri':'/r','token-keys':[{'token-type':'2','token-key':'AA=='}]}",
                "{'issuer-request-uri':'/r','token-keys':[{'token-type':1e999,'token-key':''}]}",
                "{'issuer-request-uri':'/r','token-keys':[{'token-type':3,'token-key':'','not-before':-1}]}",
                "{'issuer-request-uri':'/r','token-keys':[{'token-type':99999999999999999999,'token-key':''}]}",
                "{'issuer-request-uri':'/r','token-keys':[{'token-type':2,'token-key':'','not-before':9e9}]}",
                "{'issuer-request-uri':'/r','token-keys':[],}",
                "{'issuer-request-uri':'/r','token-keys':[]} {}",
                "{'issuer-request-uri':'/r','issuer-request-uri':'/s','token-keys':[]}",
            })
    void refusesOtherShapes(String json) {
        assertFault(
                Fault.DIRECTORY,
                () -> IssuerDirectory.parse(json.replace('\'', '"').getBytes(UTF_8)));
    }

    @Test
    void refusesABrokenKeyOfOurType() {
        String json =
                "{\"issuer-request-uri\":\"/r\",\"token-keys\":[{\"token-type\":2,\"token-key\":\"AAAA\"}]}";
        assertFault(Fault.ISSUER_KEY, () -> IssuerDirectory.parse(json.getBytes(UTF_8)));
        String point = json.replace("\"token-type\":2", "\"token-type\":1");
        assertFault(Fault.ELEMENT, () -> IssuerDirectory.parse(point.getBytes(UTF_8)));
    }

    @Test
    void refusesWhatIsTooLargeOrTooDeep() {
        assertFault(
                Fault.DIRECTORY, () -> IssuerDirectory.parse(" ".repeat(1 << 20).getBytes(UTF_8)));
        String deep = "{\"x\":" + "[".repeat(5000) + "]".repeat(5000) + "}";
        assertFault(Fault.DIRECTORY, () -> IssuerDirectory.parse(deep.getBytes(UTF_8)));
    }

    private static String base64(IssuerKey key) {
        return Base64Url.encode(key.encoded().toArray());
    }
}
