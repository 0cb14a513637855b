@NullMarked
package org.masquerelay.egress.entry;

import org.jspecify.annotations.NullMarked;
