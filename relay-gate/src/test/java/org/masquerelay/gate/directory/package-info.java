/// Tests with an issuer that serves over TLS what they tell it to.
@NullMarked
package org.masquerelay.gate.directory;

import org.jspecify.annotations.NullMarked;
