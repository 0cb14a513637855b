package org.masquerelay.signature;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.masquerelay.wire.BareItem;
import org.masquerelay.wire.StructuredMember;

/// What a signature covers and how it was made ([RFC 9421, section
/// 2.3](https://datatracker.ietf.org/doc/html/rfc9421#section-2.3)), in the order that was sent.
public final class SignatureParameters {
    /// The component that every signature covers last.
    static final String NAME = "@signature-params";

    static final String CREATED = "created";
    static final String EXPIRES = "expires";
    static final String NONCE = "nonce";
    static final String ALG = "alg";
    static final String KEY_ID = "keyid";
    static final String TAG = "tag";

    /// Tuning: a request of ours has about five.
    private static final int MAX_COMPONENTS = 32;

    private static final int MAX_PARAMETER_CHARS = 256;

    private final StructuredMember.InnerList list;
    private final List<ComponentId> components;

    private SignatureParameters(StructuredMember.InnerList list, List<ComponentId> components) {
        this.list = list;
        this.components = List.copyOf(components);
    }

    /// What a member of Signature-Input says. Parameters of other names are kept and signed.
    static SignatureParameters of(StructuredMember member) throws SignatureFaultException {
        if (!(member instanceof StructuredMember.InnerList list)) {
            throw new SignatureFaultException(SignatureFault.MALFORMED);
        }
        if (list.items().size() > MAX_COMPONENTS) {
            throw new SignatureFaultException(SignatureFault.TOO_LARGE);
        }
        var components = new ArrayList<ComponentId>();
        for (var item : list.items()) {
            components.add(ComponentId.of(item));
        }
        var parameters = new SignatureParameters(list, components);
        parameters.checkTypes();
        return parameters;
    }

    /// Those of a signature to be made; `parameters` keep their order.
    static SignatureParameters of(List<ComponentId> components, Map<String, BareItem> parameters) {
        return new SignatureParameters(
                new StructuredMember.InnerList(
                        components.stream().map(ComponentId::item).toList(), parameters),
                components);
    }

    private void checkTypes() throws SignatureFaultException {
        for (var each : list.parameters().entrySet()) {
            boolean fits =
                    switch (each.getKey()) {
                        case CREATED, EXPIRES -> each.getValue() instanceof BareItem.Whole;
                        case NONCE, ALG, KEY_ID, TAG -> each.getValue() instanceof BareItem.Text;
                        default -> true;
                    };
            if (!fits) {
                throw new SignatureFaultException(SignatureFault.MALFORMED);
            }
            if (each.getValue() instanceof BareItem.Text(String text)
                    && text.length() > MAX_PARAMETER_CHARS) {
                throw new SignatureFaultException(SignatureFault.TOO_LARGE);
            }
        }
    }

    /// In the order they are signed.
    public List<ComponentId> components() {
        return components;
    }

    public Optional<Instant> created() {
        return time(CREATED);
    }

    public Optional<Instant> expires() {
        return time(EXPIRES);
    }

    public Optional<String> nonce() {
        return text(NONCE);
    }

    public Optional<String> algorithm() {
        return text(ALG);
    }

    public Optional<String> keyId() {
        return text(KEY_ID);
    }

    public Optional<String> tag() {
        return text(TAG);
    }

    StructuredMember.InnerList list() {
        return list;
    }

    /// The value of `@signature-params` and of the member of Signature-Input.
    public String format() {
        return list.format();
    }

    private Optional<Instant> time(String name) {
        try {
            return list.parameters().get(name) instanceof BareItem.Whole(long seconds)
                    ? Optional.of(Instant.ofEpochSecond(seconds))
                    : Optional.empty();
        } catch (DateTimeException _) {
            return Optional.empty();
        }
    }

    private Optional<String> text(String name) {
        return list.parameters().get(name) instanceof BareItem.Text(String text)
                ? Optional.of(text)
                : Optional.empty();
    }
}
