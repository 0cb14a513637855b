/// The relay's processes on this machine: their ports, their development PKI, their readiness.
@NullMarked
package org.masquerelay.cli.stack;

import org.jspecify.annotations.NullMarked;
