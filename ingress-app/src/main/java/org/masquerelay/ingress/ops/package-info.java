/// Health and meters of an ingress.
@NullMarked
package org.masquerelay.ingress.ops;

import org.jspecify.annotations.NullMarked;
