/// Tests of [org.masquerelay.capsule].
@NullMarked
package org.masquerelay.capsule;

import org.jspecify.annotations.NullMarked;
