/// The second hop: where a tunnel may go, and the connection to the target.
@NullMarked
package org.masquerelay.egress;

import org.jspecify.annotations.NullMarked;
