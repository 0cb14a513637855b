@NullMarked
package org.masquerelay.token.keys;

import org.jspecify.annotations.NullMarked;
