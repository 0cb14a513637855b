package org.masquerelay.http;

import java.util.List;
import java.util.Optional;
import org.masquerelay.wire.UriTemplate;

/// Templated TCP proxying (draft-ietf-httpbis-connect-tcp): the URI templates of a relay, and the
/// forms of the draft that it speaks, the one that it asks for itself first.
public record ConnectTcp(List<UriTemplate> templates, List<Form> forms) {
    /// One upgrade token, and the capsule types that go with it.
    ///
    /// @param token the value of `:protocol` or of the Upgrade field
    /// @param data the capsule type DATA
    /// @param finalData the capsule type FINAL_DATA
    public record Form(String token, long data, long finalData) {}

    /// The forms of the drafts that are about: -12, and -07 to -11. The token without a number is
    /// what the RFC is to have; it goes with the newest numbers.
    public static final List<Form> DRAFTS =
            List.of(
                    new Form("connect-tcp-12", 0x2028d7f2L, 0x2028d7f3L),
                    new Form("connect-tcp-07", 0x2028d7f0L, 0x2028d7f1L),
                    new Form("connect-tcp", 0x2028d7f2L, 0x2028d7f3L));

    /// What a listener offers by default.
    public static final ConnectTcp STANDARD = new ConnectTcp(List.of(UriTemplate.TCP), DRAFTS);

    public ConnectTcp {
        templates = List.copyOf(templates);
        forms = List.copyOf(forms);
    }

    Optional<Form> form(String token) {
        return forms.stream().filter(form -> form.token().equals(token)).findFirst();
    }
}
