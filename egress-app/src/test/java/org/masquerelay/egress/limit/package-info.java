@NullMarked
package org.masquerelay.egress.limit;

import org.jspecify.annotations.NullMarked;
