/// How fast tenants open tunnels: a bucket for each, of this relay or shared in Redis.
@NullMarked
package org.masquerelay.egress.opening;

import org.jspecify.annotations.NullMarked;
