/// Targets to tunnel to that need no network: a TLS web server and a DNS responder.
@NullMarked
package org.masquerelay.cli.targets;

import org.jspecify.annotations.NullMarked;
