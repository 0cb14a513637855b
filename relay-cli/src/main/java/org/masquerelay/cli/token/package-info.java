/// Getting into a relay: takes its challenge, fetches a token for it and pays with it.
@NullMarked
package org.masquerelay.cli.token;

import org.jspecify.annotations.NullMarked;
