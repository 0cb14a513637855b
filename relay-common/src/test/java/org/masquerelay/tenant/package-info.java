@NullMarked
package org.masquerelay.tenant;

import org.jspecify.annotations.NullMarked;
