/// Tests of the issuer for development.
@NullMarked
package org.masquerelay.gate.issuer;

import org.jspecify.annotations.NullMarked;
