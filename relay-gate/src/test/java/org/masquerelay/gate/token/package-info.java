@NullMarked
package org.masquerelay.gate.token;

import org.jspecify.annotations.NullMarked;
