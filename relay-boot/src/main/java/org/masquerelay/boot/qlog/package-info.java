/// Writes QUIC connections down in qlog files: JSON text sequences that qvis opens.
@NullMarked
package org.masquerelay.boot.qlog;

import org.jspecify.annotations.NullMarked;
