/// The demonstration: what is asked of a whole relay, and what has to come back.
@NullMarked
package org.masquerelay.cli.demo;

import org.jspecify.annotations.NullMarked;
