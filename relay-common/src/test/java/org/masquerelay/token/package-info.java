@NullMarked
package org.masquerelay.token;

import org.jspecify.annotations.NullMarked;
