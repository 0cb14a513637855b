/// A name and a password (RFC 7617) as a scheme of the gate: what browsers and curl can send.
@NullMarked
package org.masquerelay.gate.basic;

import org.jspecify.annotations.NullMarked;
