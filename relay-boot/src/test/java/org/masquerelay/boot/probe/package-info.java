/// What a health check ends with.
@NullMarked
package org.masquerelay.boot.probe;

import org.jspecify.annotations.NullMarked;
