@NullMarked
package org.masquerelay.boot.qlog;

import org.jspecify.annotations.NullMarked;
