/// What an operator writes about targets: rules as text, and their parts as values.
@NullMarked
package org.masquerelay.egress.rule;

import org.jspecify.annotations.NullMarked;
