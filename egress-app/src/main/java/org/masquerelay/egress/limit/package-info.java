/// How fast tunnels may go: token buckets for each tunnel and for each tenant.
@NullMarked
package org.masquerelay.egress.limit;

import org.jspecify.annotations.NullMarked;
