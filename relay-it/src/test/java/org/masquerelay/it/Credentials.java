package org.masquerelay.it;

import java.nio.file.Path;
import java.util.List;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;

/// A scheme of [SchemesTest], as clients who have what it asks for, and as those who do not.
interface Credentials {
    /// What a client comes with.
    enum Case {
        ABSENT,
        MALFORMED,
        WRONG_KEY,
        EXPIRED,
        REVOKED,
        /// What let somebody in before.
        REPLAYED,
        RIGHT
    }

    /// What becomes of the request.
    enum Answer {
        TUNNEL,
        /// 401 or 407, as the request was made, with a challenge of every scheme in force.
        CHALLENGED,
        /// 403.
        REFUSED,
        /// 404, as for a path where nothing is.
        HIDDEN,
        /// The TLS handshake fails.
        NO_CONNECTION,
        /// The scheme knows no such case.
        NO_SUCH_CASE
    }

    /// As in `relay.auth.admit`.
    String scheme();

    /// For the names of rows.
    default String label() {
        return scheme();
    }

    /// Whether clients have it over this version.
    default boolean worksOver(HttpVersion version) {
        return true;
    }

    /// Arguments that an ingress needs to know it.
    List<String> settings(Path directory) throws Exception;

    /// Names the challenge of the scheme in WWW-Authenticate; empty for none.
    String challenge();

    Answer answer(Case which);

    /// What the client shows in its TLS handshake; `plain` trusts the ingress and has no key.
    default TlsMaterial tls(Case which, TlsMaterial plain) {
        return plain;
    }

    /// What the client sends, in [Attempt#field] if in a field for credentials; not asked for
    /// [Case#ABSENT] and [Case#REPLAYED].
    HeaderFields fields(Case which, Attempt attempt) throws Exception;
}
