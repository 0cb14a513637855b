/// A health check for images without a shell or curl. It needs nothing but the JDK.
@NullMarked
package org.masquerelay.boot.probe;

import org.jspecify.annotations.NullMarked;
