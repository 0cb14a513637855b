/// Tests.
@NullMarked
package org.masquerelay.cli;

import org.jspecify.annotations.NullMarked;
