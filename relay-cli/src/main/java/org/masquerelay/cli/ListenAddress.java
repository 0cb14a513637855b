package org.masquerelay.cli;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// `HOST:PORT` or `PORT` on the command line, of this machine; port 0 is any that is free.
final class ListenAddress implements ITypeConverter<InetSocketAddress> {
    private static final Pattern FORM =
            Pattern.compile("(?:(?:\\[([0-9A-Fa-f:.]+)]|([^:\\[\\]]+)):)?(\\d{1,5})");
    private static final int MAX_PORT = 65535;

    @Override
    public InetSocketAddress convert(String text) {
        var matcher = FORM.matcher(text);
        if (!matcher.matches() || Integer.parseInt(matcher.group(3)) > MAX_PORT) {
            throw new TypeConversionException(
                    "'" + text + "' is no HOST:PORT with a port from 0 to 65535");
        }
        String host = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
        return new InetSocketAddress(
                host == null ? loopback() : resolve(host), Integer.parseInt(matcher.group(3)));
    }

    private static InetAddress loopback() {
        return resolve("127.0.0.1");
    }

    private static InetAddress resolve(String host) {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new TypeConversionException("this machine knows no address for '" + host + "'");
        }
    }
}
