/// The configuration both apps have in common, checked at start: whatever is wrong ends it with one
/// sentence that says what, where, and which values are allowed.
@NullMarked
package org.masquerelay.boot.config;

import org.jspecify.annotations.NullMarked;
