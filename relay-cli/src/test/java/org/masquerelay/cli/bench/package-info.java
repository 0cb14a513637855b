/// Tests of the benchmark's own arithmetic, and of its traffic without relays.
@NullMarked
package org.masquerelay.cli.bench;

import org.jspecify.annotations.NullMarked;
