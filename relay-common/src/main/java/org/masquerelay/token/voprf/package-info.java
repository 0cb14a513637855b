/// VOPRF(P-384, SHA-384): a pseudorandom function whose key one side has and whose input the other,
/// with a proof that the right key was used ([RFC
/// 9497](https://datatracker.ietf.org/doc/html/rfc9497), the verifiable mode).
///
/// A client makes a [org.masquerelay.token.voprf.BlindedInput] with a
/// [org.masquerelay.token.voprf.VoprfPublicKey], and a [org.masquerelay.token.voprf.VoprfSecretKey]
/// answers it. Points and field elements are Bouncy Castle's; nothing of it is seen outside of this
/// package.
@NullMarked
package org.masquerelay.token.voprf;

import org.jspecify.annotations.NullMarked;
