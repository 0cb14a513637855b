/// Tests of [org.masquerelay.client].
@NullMarked
package org.masquerelay.client;

import org.jspecify.annotations.NullMarked;
