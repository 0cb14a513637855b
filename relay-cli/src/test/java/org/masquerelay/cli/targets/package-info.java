/// Tests.
@NullMarked
package org.masquerelay.cli.targets;

import org.jspecify.annotations.NullMarked;
