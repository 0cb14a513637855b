/// What the tests of all modules share.
@NullMarked
package org.masquerelay.testkit;

import org.jspecify.annotations.NullMarked;
