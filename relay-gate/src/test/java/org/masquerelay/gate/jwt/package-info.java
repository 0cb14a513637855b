@NullMarked
package org.masquerelay.gate.jwt;

import org.jspecify.annotations.NullMarked;
