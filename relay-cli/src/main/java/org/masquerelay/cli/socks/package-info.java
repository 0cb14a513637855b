/// What SOCKS 5 puts on the wire (RFC 1928), and the refusal of SOCKS 4.
@NullMarked
package org.masquerelay.cli.socks;

import org.jspecify.annotations.NullMarked;
