@NullMarked
package org.masquerelay.token.issuance;

import org.jspecify.annotations.NullMarked;
