/// The relay's command line: what an end user and an operator run.
@NullMarked
package org.masquerelay.cli;

import org.jspecify.annotations.NullMarked;
