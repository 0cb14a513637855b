/// Spent tokens that several ingresses share: in Redis, with a policy for the time it is away.
@NullMarked
package org.masquerelay.gate.spent;

import org.jspecify.annotations.NullMarked;
