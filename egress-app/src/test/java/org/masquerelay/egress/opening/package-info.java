@NullMarked
package org.masquerelay.egress.opening;

import org.jspecify.annotations.NullMarked;
