/// Moves payload between the two ends of a tunnel.
@NullMarked
package org.masquerelay.splice;

import org.jspecify.annotations.NullMarked;
