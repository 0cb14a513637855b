/// How an ingress tells its egress whom a tunnel is for, so that nobody else can say it or read it.
@NullMarked
package org.masquerelay.tenant;

import org.jspecify.annotations.NullMarked;
