/// HTTP Message Signatures (RFC 9421) as a scheme of the gate.
@NullMarked
package org.masquerelay.gate.signature;

import org.jspecify.annotations.NullMarked;
