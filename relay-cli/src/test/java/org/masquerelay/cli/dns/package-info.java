/// Tests.
@NullMarked
package org.masquerelay.cli.dns;

import org.jspecify.annotations.NullMarked;
