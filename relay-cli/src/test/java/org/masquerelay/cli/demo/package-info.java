/// Tests.
@NullMarked
package org.masquerelay.cli.demo;

import org.jspecify.annotations.NullMarked;
