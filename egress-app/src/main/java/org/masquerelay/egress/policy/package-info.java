/// Where a tunnel may go: which addresses, names and ports the egress dials.
@NullMarked
package org.masquerelay.egress.policy;

import org.jspecify.annotations.NullMarked;
