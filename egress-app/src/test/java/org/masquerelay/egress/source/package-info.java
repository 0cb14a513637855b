/// Tests of where tunnels start.
@NullMarked
package org.masquerelay.egress.source;

import org.jspecify.annotations.NullMarked;
