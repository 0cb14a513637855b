@NullMarked
package org.masquerelay.gate.basic;

import org.jspecify.annotations.NullMarked;
