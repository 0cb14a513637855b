package org.masquerelay.http;

import java.io.IOException;
import java.util.Optional;
import org.masquerelay.transport.KeyExport;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.RequestHead;

/// One after the other; nothing if one of them has nothing.
record CredentialsPair(RequestCredentials first, RequestCredentials second)
        implements RequestCredentials {
    @Override
    public Optional<HeaderFields> on(RequestHead request, Line line) {
        return first.on(request, line).flatMap(fields -> second.on(request.with(fields), line));
    }

    @Override
    public void refresh() throws IOException {
        first.refresh();
        second.refresh();
    }

    @Override
    public KeyExport keyExport() {
        return first.keyExport() == KeyExport.ON ? KeyExport.ON : second.keyExport();
    }
}
