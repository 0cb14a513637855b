/// Running the relay: start and stop, drain, health and meters.
@NullMarked
package org.masquerelay.boot.ops;

import org.jspecify.annotations.NullMarked;
