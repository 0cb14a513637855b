/// Tokens of trusted issuers (Privacy Pass) as a scheme of the gate.
@NullMarked
package org.masquerelay.gate.token;

import org.jspecify.annotations.NullMarked;
