/// What happens in the relay, told to whoever counts it; no metrics library.
@NullMarked
package org.masquerelay.observe;

import org.jspecify.annotations.NullMarked;
