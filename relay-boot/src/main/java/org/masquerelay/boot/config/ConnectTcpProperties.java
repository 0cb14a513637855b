package org.masquerelay.boot.config;

import jakarta.validation.constraints.NotBlank;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import org.masquerelay.capsule.CapsuleType;
import org.masquerelay.http.ConnectTcp;

/// One form of templated TCP proxying (draft-ietf-httpbis-connect-tcp).
///
/// @param token the upgrade token
/// @param dataCapsule the capsule type DATA
/// @param finalDataCapsule the capsule type FINAL_DATA
public record ConnectTcpProperties(
        @NotBlank String token, @NotBlank String dataCapsule, @NotBlank String finalDataCapsule) {
    /// RFC 9110, section 5.6.2.
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}");

    private static final String CONNECT_UDP = "connect-udp";

    /// `property` is where this form is configured.
    public ConnectTcp.Form toForm(String property) {
        if (!TOKEN.matcher(token).matches() || token.equals(CONNECT_UDP)) {
            throw new BadSettingException(
                    property + ".token",
                    "is not an upgrade token for TCP",
                    "Set it to the token of the draft that is spoken, such as connect-tcp-12");
        }
        long data = CapsuleTypes.parse(property + ".data-capsule", dataCapsule);
        long finalData = CapsuleTypes.parse(property + ".final-data-capsule", finalDataCapsule);
        if (data == finalData
                || data == CapsuleType.DATAGRAM
                || finalData == CapsuleType.DATAGRAM) {
            throw new BadSettingException(
                    property,
                    "has capsule types that mean something else already",
                    "Set data-capsule and final-data-capsule to two numbers that differ and are"
                            + " not 0");
        }
        return new ConnectTcp.Form(token, data, finalData);
    }

    /// All forms of a listener; those of the drafts if none is configured.
    static List<ConnectTcp.Form> toForms(String property, List<ConnectTcpProperties> all) {
        if (all.isEmpty()) {
            return ConnectTcp.DRAFTS;
        }
        var forms = new ArrayList<ConnectTcp.Form>();
        var tokens = new HashSet<String>();
        for (int i = 0; i < all.size(); i++) {
            var form = all.get(i).toForm(property + "[" + i + "]");
            if (!tokens.add(form.token())) {
                throw new BadSettingException(
                        property + "[" + i + "].token",
                        "is that of another entry too",
                        "Give every token once");
            }
            forms.add(form);
        }
        return forms;
    }
}
