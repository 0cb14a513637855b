/// Tests of [org.masquerelay.bind].
@NullMarked
package org.masquerelay.bind;

import org.jspecify.annotations.NullMarked;
