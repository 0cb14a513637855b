/// Tests of what both apps share.
@NullMarked
package org.masquerelay.boot.config;

import org.jspecify.annotations.NullMarked;
