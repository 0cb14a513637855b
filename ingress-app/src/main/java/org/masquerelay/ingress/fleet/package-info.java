/// What is known of the egresses of a directory, and which of them a tunnel goes to.
@NullMarked
package org.masquerelay.ingress.fleet;

import org.jspecify.annotations.NullMarked;
