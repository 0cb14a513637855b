/// Tests of [org.masquerelay.http].
@NullMarked
package org.masquerelay.http;

import org.jspecify.annotations.NullMarked;
