/// Tests of the gate's configuration.
@NullMarked
package org.masquerelay.gate.config;

import org.jspecify.annotations.NullMarked;
