package org.masquerelay.cli;

import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.WireFormatException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// `HOST:PORT` on the command line; an IPv6 address stands in brackets.
final class HostPorts implements ITypeConverter<HostPort> {
    @Override
    public HostPort convert(String text) {
        try {
            return HostPort.parse(text);
        } catch (WireFormatException e) {
            throw new TypeConversionException("'" + text + "' is no HOST:PORT: " + e.getMessage());
        }
    }
}
