/// A front end on this machine that carries programs which know SOCKS 5 or HTTP proxies, but no
/// MASQUE, through a relay.
@NullMarked
package org.masquerelay.cli.proxy;

import org.jspecify.annotations.NullMarked;
