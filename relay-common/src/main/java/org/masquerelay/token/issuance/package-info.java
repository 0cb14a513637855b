/// The making of publicly verifiable tokens: both ends of the issuance protocol (RFC 9578, section
/// 6) and the blind RSA signatures under it (RFC 9474).
///
/// The client holds a [org.masquerelay.token.issuance.PendingToken] from request to response; the
/// issuer answers with a [org.masquerelay.token.issuance.TokenIssuer]. Nothing here opens a
/// connection.
@NullMarked
package org.masquerelay.token.issuance;

import org.jspecify.annotations.NullMarked;
