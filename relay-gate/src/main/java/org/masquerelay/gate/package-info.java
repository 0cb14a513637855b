/// Who may enter: runs every CONNECT head through Spring Security and gives out an
/// [org.masquerelay.gate.Admission].
@NullMarked
package org.masquerelay.gate;

import org.jspecify.annotations.NullMarked;
