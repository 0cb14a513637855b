/// Concealed authentication (RFC 9729) as a scheme of the gate.
@NullMarked
package org.masquerelay.gate.concealed;

import org.jspecify.annotations.NullMarked;
