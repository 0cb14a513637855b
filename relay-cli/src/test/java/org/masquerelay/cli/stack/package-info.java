/// Tests.
@NullMarked
package org.masquerelay.cli.stack;

import org.jspecify.annotations.NullMarked;
