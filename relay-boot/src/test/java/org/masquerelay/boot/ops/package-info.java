/// Tests of what both apps share.
@NullMarked
package org.masquerelay.boot.ops;

import org.jspecify.annotations.NullMarked;
