/// The token issuer for development: RFC 9578 over ordinary requests of the data listeners.
@NullMarked
package org.masquerelay.gate.issuer;

import org.jspecify.annotations.NullMarked;
