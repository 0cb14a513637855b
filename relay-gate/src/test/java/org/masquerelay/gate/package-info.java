/// Tests of the gate.
@NullMarked
package org.masquerelay.gate;

import org.jspecify.annotations.NullMarked;
