package org.masquerelay.http;

import java.nio.ByteBuffer;
import org.masquerelay.tunnel.HeaderFields;

/// An ordinary request with its whole body, at most [#MAX_BODY] bytes.
public record PlainRequest(String method, String path, HeaderFields fields, ByteBuffer body) {
    /// In bytes; enough for any token request.
    public static final int MAX_BODY = 16 * 1024;
}
