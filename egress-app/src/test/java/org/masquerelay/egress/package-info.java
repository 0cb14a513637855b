@NullMarked
package org.masquerelay.egress;

import org.jspecify.annotations.NullMarked;
