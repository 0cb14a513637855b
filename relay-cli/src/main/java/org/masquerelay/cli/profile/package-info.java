/// Configuration profiles with which devices use the relay by themselves.
@NullMarked
package org.masquerelay.cli.profile;

import org.jspecify.annotations.NullMarked;
