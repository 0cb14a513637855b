/// Tests of HTTP Message Signatures.
@NullMarked
package org.masquerelay.signature;

import org.jspecify.annotations.NullMarked;
