/// Tests of the module as a whole.
@NullMarked
package org.masquerelay.boot;

import org.jspecify.annotations.NullMarked;
