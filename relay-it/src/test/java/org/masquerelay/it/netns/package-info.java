/// An egress and its targets in network namespaces of their own, which need root.
@NullMarked
package org.masquerelay.it.netns;

import org.jspecify.annotations.NullMarked;
