@NullMarked
package org.masquerelay.token.voprf;

import org.jspecify.annotations.NullMarked;
