package org.masquerelay.http;

import java.nio.ByteBuffer;
import org.masquerelay.tunnel.HeaderFields;

/// The answer to a [PlainRequest].
public record PlainResponse(int status, HeaderFields fields, ByteBuffer body) {
    public static PlainResponse empty(int status) {
        return new PlainResponse(status, HeaderFields.NONE, ByteBuffer.allocate(0));
    }
}
