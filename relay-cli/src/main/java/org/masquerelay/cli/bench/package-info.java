/// Measures what a relay carries and what it costs: targets, load generators and the report, each
/// in a process of its own so that the CPU time of every relay stands alone.
@NullMarked
package org.masquerelay.cli.bench;

import org.jspecify.annotations.NullMarked;
