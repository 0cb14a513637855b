/// DNS messages as text on the way in and on the way out.
@NullMarked
package org.masquerelay.cli.dns;

import org.jspecify.annotations.NullMarked;
