/// The configuration of an egress and what is made of it.
@NullMarked
package org.masquerelay.egress.config;

import org.jspecify.annotations.NullMarked;
