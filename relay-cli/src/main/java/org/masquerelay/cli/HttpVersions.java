package org.masquerelay.cli;

import java.util.Arrays;
import org.masquerelay.tunnel.HttpVersion;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// HTTP versions on the command line: `h3`, `h2`, `h1`.
final class HttpVersions implements ITypeConverter<HttpVersion> {
    @Override
    public HttpVersion convert(String text) {
        return Arrays.stream(HttpVersion.values())
                .filter(version -> version.tag().equalsIgnoreCase(text))
                .findFirst()
                .orElseThrow(() ->
                        new TypeConversionException(
                                "'" + text + "' is no HTTP version: it is h3, h2 or h1"));
    }
}
