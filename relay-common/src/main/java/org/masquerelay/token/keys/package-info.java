/// The keys of an issuer in a file: PEM for people, PKCS#12 for those who want a password.
///
/// Reading and writing block.
@NullMarked
package org.masquerelay.token.keys;

import org.jspecify.annotations.NullMarked;
