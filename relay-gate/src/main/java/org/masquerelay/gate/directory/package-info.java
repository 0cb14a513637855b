/// The directories of token issuers: fetched, kept for as long as they say, refreshed before.
@NullMarked
package org.masquerelay.gate.directory;

import org.jspecify.annotations.NullMarked;
