/// TLS client certificates as a scheme of the gate.
@NullMarked
package org.masquerelay.gate.mtls;

import org.jspecify.annotations.NullMarked;
