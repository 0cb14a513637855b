package org.masquerelay.token.issuance;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Set;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TokenFormatException.Fault;

/// The file of an issuer's key: PKCS#8, written as PEM and read as PEM or DER.
///
/// Reading and writing block; this is for the start of an application.
public record IssuerKeyFile(Path path) {
    private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String END = "-----END PRIVATE KEY-----";

    /// A 2048-bit key takes 1.7 kB.
    private static final int MAX_LENGTH = 16 * 1024;

    public IssuerKeyPair load() throws IOException, TokenFormatException {
        try (var in = Files.newInputStream(path)) {
            byte[] content = in.readNBytes(MAX_LENGTH + 1);
            if (content.length > MAX_LENGTH) {
                throw new TokenFormatException(Fault.PRIVATE_KEY);
            }
            return parse(content);
        }
    }

    /// Creates the file, readable by its owner only. A file that exists is an error, not
    /// overwritten.
    public void create(IssuerKeyPair key) throws IOException {
        var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (var channel = Files.newByteChannel(path, options, ownerOnly());
                var out = Channels.newOutputStream(channel)) {
            out.write(toPem(key).getBytes(US_ASCII));
        }
    }

    public static IssuerKeyPair parse(byte[] content) throws TokenFormatException {
        String text = new String(content, US_ASCII);
        int begin = text.indexOf(BEGIN);
        if (begin < 0) {
            return IssuerKeyPair.parsePkcs8(content);
        }
        int end = text.indexOf(END, begin);
        if (end < 0) {
            throw new TokenFormatException(Fault.PRIVATE_KEY);
        }
        String body = text.substring(begin + BEGIN.length(), end);
        try {
            return IssuerKeyPair.parsePkcs8(Base64.getMimeDecoder().decode(body));
        } catch (IllegalArgumentException e) {
            throw new TokenFormatException(Fault.PRIVATE_KEY);
        }
    }

    public static String toPem(IssuerKeyPair key) {
        var lines = Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII));
        return BEGIN + "\n" + lines.encodeToString(key.toPkcs8()) + "\n" + END + "\n";
    }

    private FileAttribute<?>[] ownerOnly() {
        boolean posix = path.getFileSystem().supportedFileAttributeViews().contains("posix");
        return posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }
}
