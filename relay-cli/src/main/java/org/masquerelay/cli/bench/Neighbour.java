package org.masquerelay.cli.bench;

import java.io.IOException;

/// What keeps a relay busy beside the tunnel that is measured.
interface Neighbour {
    void start() throws IOException;

    /// How much there was of it since the start.
    ///
    /// @throws IOException when something else came of it than should
    long stop() throws IOException;
}
