@NullMarked
package org.masquerelay.boot.mistake;

import org.jspecify.annotations.NullMarked;
