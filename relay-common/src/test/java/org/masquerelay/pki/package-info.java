/// Tests of certificates and keys.
@NullMarked
package org.masquerelay.pki;

import org.jspecify.annotations.NullMarked;
