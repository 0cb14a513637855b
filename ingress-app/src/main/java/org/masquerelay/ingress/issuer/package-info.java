/// The token issuer for development: RFC 9578 over ordinary requests of the data listeners.
@NullMarked
package org.masquerelay.ingress.issuer;

import org.jspecify.annotations.NullMarked;
