/// What starts the egress on any Java, to say which one it needs.
@NullMarked
package org.masquerelay.egress.launch;

import org.jspecify.annotations.NullMarked;
