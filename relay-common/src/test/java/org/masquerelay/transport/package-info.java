/// Tests of [org.masquerelay.transport].
@NullMarked
package org.masquerelay.transport;

import org.jspecify.annotations.NullMarked;
