/// Tests of the module as a whole.
@NullMarked
package org.masquerelay.ingress;

import org.jspecify.annotations.NullMarked;
