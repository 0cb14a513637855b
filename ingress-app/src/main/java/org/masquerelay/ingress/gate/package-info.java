/// Who may enter: runs every CONNECT head through Spring Security and gives out an
/// [org.masquerelay.ingress.gate.Admission].
@NullMarked
package org.masquerelay.ingress.gate;

import org.jspecify.annotations.NullMarked;
