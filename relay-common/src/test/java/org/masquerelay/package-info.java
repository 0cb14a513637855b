/// Tests of relay-common as a whole.
@NullMarked
package org.masquerelay;

import org.jspecify.annotations.NullMarked;
