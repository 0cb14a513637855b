/// Both hops as they are shipped, in one JVM, with real sockets, certificates and tokens.
@NullMarked
package org.masquerelay.it;

import org.jspecify.annotations.NullMarked;
