/// Tests.
@NullMarked
package org.masquerelay.cli.token;

import org.jspecify.annotations.NullMarked;
