/// Which targets are allowed.
@NullMarked
package org.masquerelay.egress.policy;

import org.jspecify.annotations.NullMarked;
