/// Concealed authentication ([RFC 9729](https://datatracker.ietf.org/doc/html/rfc9729)): a client
/// proves that it has a key, and whoever has none cannot tell that it would have helped.
@NullMarked
package org.masquerelay.concealed;

import org.jspecify.annotations.NullMarked;
