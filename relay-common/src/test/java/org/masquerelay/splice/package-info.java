/// Tests of [org.masquerelay.splice].
@NullMarked
package org.masquerelay.splice;

import org.jspecify.annotations.NullMarked;
