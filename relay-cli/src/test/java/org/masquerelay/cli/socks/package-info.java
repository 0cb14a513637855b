/// Tests.
@NullMarked
package org.masquerelay.cli.socks;

import org.jspecify.annotations.NullMarked;
