/// Which egresses there are, now and from now on.
@NullMarked
package org.masquerelay.ingress.directory;

import org.jspecify.annotations.NullMarked;
