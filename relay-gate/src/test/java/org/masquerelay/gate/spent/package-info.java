/// Tests with a real Redis, which they start themselves.
@NullMarked
package org.masquerelay.gate.spent;

import org.jspecify.annotations.NullMarked;
