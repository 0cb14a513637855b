/// What both apps share of Spring: configuration records, TLS from SSL bundles, and operations.
@NullMarked
package org.masquerelay.boot;

import org.jspecify.annotations.NullMarked;
