/// The management port of an app with a gate.
@NullMarked
package org.masquerelay.gate.ops;

import org.jspecify.annotations.NullMarked;
