/// The configuration of an ingress and what is made of it.
@NullMarked
package org.masquerelay.ingress.config;

import org.jspecify.annotations.NullMarked;
