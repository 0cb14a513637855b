/// Tests of the access log.
@NullMarked
package org.masquerelay.egress.access;

import org.jspecify.annotations.NullMarked;
