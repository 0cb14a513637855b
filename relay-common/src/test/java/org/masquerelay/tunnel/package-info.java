/// Tests of [org.masquerelay.tunnel].
@NullMarked
package org.masquerelay.tunnel;

import org.jspecify.annotations.NullMarked;
