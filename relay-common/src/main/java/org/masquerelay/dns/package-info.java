/// Questions to DNS servers and what they say, with TTLs, for whoever has to follow names itself.
@NullMarked
package org.masquerelay.dns;

import org.jspecify.annotations.NullMarked;
