/// The access log: a line for some of the tunnels, which says where or who, never both.
@NullMarked
package org.masquerelay.egress.access;

import org.jspecify.annotations.NullMarked;
