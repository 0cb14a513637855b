/// Names to addresses.
@NullMarked
package org.masquerelay.egress.resolve;

import org.jspecify.annotations.NullMarked;
