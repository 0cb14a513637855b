/// Kinds of asymmetric keys, whatever they are used for.
@NullMarked
package org.masquerelay.key;

import org.jspecify.annotations.NullMarked;
