/// Tests.
@NullMarked
package org.masquerelay.cli.http;

import org.jspecify.annotations.NullMarked;
