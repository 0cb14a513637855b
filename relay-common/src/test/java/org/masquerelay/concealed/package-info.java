/// Tests of concealed authentication.
@NullMarked
package org.masquerelay.concealed;

import org.jspecify.annotations.NullMarked;
