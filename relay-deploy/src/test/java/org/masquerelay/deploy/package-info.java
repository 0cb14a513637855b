/// What is shipped beside the code: the Helm chart, the dashboard and the alert rules.
@NullMarked
package org.masquerelay.deploy;

import org.jspecify.annotations.NullMarked;
