/// Tests of the gate.
@NullMarked
package org.masquerelay.ingress.gate;

import org.jspecify.annotations.NullMarked;
