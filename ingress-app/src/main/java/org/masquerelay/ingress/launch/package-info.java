/// What starts the ingress on any Java, to say which one it needs.
@NullMarked
package org.masquerelay.ingress.launch;

import org.jspecify.annotations.NullMarked;
