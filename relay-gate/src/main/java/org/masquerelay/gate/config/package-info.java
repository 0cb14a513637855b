/// Turns `relay.auth` into the rules for tunnel requests.
@NullMarked
package org.masquerelay.gate.config;

import org.jspecify.annotations.NullMarked;
