@NullMarked
package org.masquerelay.cli.doctor;

import org.jspecify.annotations.NullMarked;
