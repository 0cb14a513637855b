/// The making of tokens: both ends of the issuance protocols (RFC 9578, sections 5 and 6) and the
/// blind RSA signatures under one of them (RFC 9474).
///
/// The client holds a [org.masquerelay.token.issuance.PendingToken] from request to response; the
/// issuer answers with a [org.masquerelay.token.issuance.TokenIssuer]. Nothing here opens a
/// connection.
@NullMarked
package org.masquerelay.token.issuance;

import org.jspecify.annotations.NullMarked;
