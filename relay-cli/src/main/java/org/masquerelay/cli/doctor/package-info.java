/// Checks of a host before a relay goes into production there. None of them changes anything.
@NullMarked
package org.masquerelay.cli.doctor;

import org.jspecify.annotations.NullMarked;
