package org.masquerelay.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Path;
import java.security.KeyPair;
import java.util.List;
import org.masquerelay.concealed.ConcealedKey;
import org.masquerelay.concealed.ConcealedSigner;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;

/// Proofs of a key, each for one connection (RFC 9729).
///
/// @param index of the key among those that the ingress knows
/// @param strangers what becomes of who proves none
record ConcealedCredentials(
        String algorithm, int index, KeyPair known, KeyPair stranger, Answer strangers)
        implements Credentials {

    static ConcealedCredentials of(String algorithm, int index, Answer strangers) {
        return new ConcealedCredentials(
                algorithm,
                index,
                ClientKeys.generate(algorithm),
                ClientKeys.generate(algorithm),
                strangers);
    }

    @Override
    public String scheme() {
        return "concealed";
    }

    @Override
    public String label() {
        return scheme() + " (" + algorithm + ", " + strangers + ")";
    }

    /// The exporter of the JDK, which TCP has, takes no context as long as an RSA key.
    @Override
    public boolean worksOver(HttpVersion version) {
        return version == HttpVersion.H3 || !algorithm.equals("RSA");
    }

    @Override
    public List<String> settings(Path directory) throws Exception {
        return ClientKeys.settings(
                directory, "relay.auth.concealed.keys[" + index + "]", id(), known);
    }

    private String id() {
        return "key-" + index;
    }

    @Override
    public String challenge() {
        return "";
    }

    @Override
    public Answer answer(Case which) {
        return switch (which) {
            case ABSENT, MALFORMED, WRONG_KEY, REPLAYED -> strangers;
            case EXPIRED, REVOKED -> Answer.NO_SUCH_CASE;
            case RIGHT -> Answer.TUNNEL;
        };
    }

    @Override
    public HeaderFields fields(Case which, Attempt attempt) throws Exception {
        var value =
                switch (which) {
                    case MALFORMED -> "Concealed k=a2V5LTA, a=YQ, s=02055, v=YQ, p=YQ";
                    case WRONG_KEY -> proof(attempt, stranger);
                    default -> proof(attempt, known);
                };
        return HeaderFields.of(attempt.field(), value);
    }

    private String proof(Attempt attempt, KeyPair keys) throws Exception {
        var key = ConcealedKey.of(ImmutableBytes.copyOf(id().getBytes(UTF_8)), keys.getPublic());
        return new ConcealedSigner(key, keys.getPrivate(), "")
                .authorization(attempt.client().exporter(), attempt.origin())
                .orElseThrow();
    }
}
