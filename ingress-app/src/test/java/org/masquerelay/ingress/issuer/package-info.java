/// Tests of the issuer for development.
@NullMarked
package org.masquerelay.ingress.issuer;

import org.jspecify.annotations.NullMarked;
