/// Tests of the gate.
@NullMarked
package org.masquerelay.gate.mtls;

import org.jspecify.annotations.NullMarked;
