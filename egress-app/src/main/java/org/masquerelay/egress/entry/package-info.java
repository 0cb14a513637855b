/// Who opens tunnels at an egress, and whose they are.
@NullMarked
package org.masquerelay.egress.entry;

import org.jspecify.annotations.NullMarked;
