/// HTTP to a target, with every connection a tunnel through the relay.
@NullMarked
package org.masquerelay.cli.http;

import org.jspecify.annotations.NullMarked;
