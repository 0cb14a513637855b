/// Tests.
@NullMarked
package org.masquerelay.cli.proxy;

import org.jspecify.annotations.NullMarked;
