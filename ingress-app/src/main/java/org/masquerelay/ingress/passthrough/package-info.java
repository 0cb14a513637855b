/// Nested mode: the way to the configured egresses for clients that talk to them themselves.
@NullMarked
package org.masquerelay.ingress.passthrough;

import org.jspecify.annotations.NullMarked;
