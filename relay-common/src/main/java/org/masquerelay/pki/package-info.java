/// Certificates and keys: PEM files in, TLS material out, and a development PKI for a machine
/// without any.
@NullMarked
package org.masquerelay.pki;

import org.jspecify.annotations.NullMarked;
