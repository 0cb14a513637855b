package org.masquerelay.http;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.masquerelay.tunnel.HeaderFields;

/// An ordinary request with its whole body, at most [#MAX_BODY] bytes.
///
/// @param authority whom it is for, as the client says; `null` stands for the relay that is dialled
public record PlainRequest(
        String method,
        @Nullable String authority,
        String path,
        HeaderFields fields,
        ByteBuffer body) {
    /// In bytes; enough for any token request.
    public static final int MAX_BODY = 16 * 1024;

    /// To the relay that is dialled.
    public PlainRequest(String method, String path, HeaderFields fields, ByteBuffer body) {
        this(method, null, path, fields, body);
    }
}
