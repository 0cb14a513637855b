/// What an operator sees of an egress.
@NullMarked
package org.masquerelay.egress.ops;

import org.jspecify.annotations.NullMarked;
