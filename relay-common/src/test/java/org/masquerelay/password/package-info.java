@NullMarked
package org.masquerelay.password;

import org.jspecify.annotations.NullMarked;
