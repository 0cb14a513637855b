package org.masquerelay.token.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.masquerelay.pki.PrivateFiles;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TokenFormatException.Fault;
import org.masquerelay.token.issuance.IssuerKeySet;

/// The file that an issuer keeps its keys in: PKCS#12 if a password is given, PEM otherwise.
///
/// Whoever changes it replaces it as a whole, readable by its owner only. Blocks; for the start of
/// an application, for commands, and for threads that may wait.
public final class IssuerKeyStore {
    /// Tuning: an RSA key takes 2 kB in PEM and 4 kB with its certificate.
    private static final int MAX_LENGTH = 256 * 1024;

    /// File locks are held by the whole process; this one tells its threads apart.
    private static final ReentrantLock THREADS = new ReentrantLock();

    private final Path path;
    private final Optional<char[]> password;

    private IssuerKeyStore(Path path, Optional<char[]> password) {
        this.path = path;
        this.password = password;
    }

    public static IssuerKeyStore pem(Path path) {
        return new IssuerKeyStore(path, Optional.empty());
    }

    public static IssuerKeyStore pkcs12(Path path, char[] password) {
        return new IssuerKeyStore(path, Optional.of(password.clone()));
    }

    /// @throws IOException when the file cannot be read, or the password is wrong
    /// @throws TokenFormatException when it holds something else than issuer keys
    public IssuerKeySet load() throws IOException, TokenFormatException {
        byte[] content;
        try (var in = Files.newInputStream(path)) {
            content = in.readNBytes(MAX_LENGTH + 1);
        }
        return parse(content);
    }

    /// What the file holds when it has this content.
    ///
    /// @throws IOException when the password is wrong
    /// @throws TokenFormatException when it is something else than issuer keys
    public IssuerKeySet parse(byte[] content) throws IOException, TokenFormatException {
        if (content.length > MAX_LENGTH) {
            throw new TokenFormatException(Fault.KEY_FILE);
        }
        return password.isPresent()
                ? Pkcs12Keys.parse(content, password.get())
                : PemKeys.parse(content);
    }

    /// Changes what is there, or an empty set if there is no file yet; waits for others that change
    /// it.
    public IssuerKeySet update(UnaryOperator<IssuerKeySet> change)
            throws IOException, TokenFormatException {
        Path lock = path.resolveSibling("." + path.getFileName() + ".lock");
        THREADS.lock();
        try (var channel =
                        FileChannel.open(
                                lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var _ = channel.lock()) {
            var now = Files.exists(path) ? load() : IssuerKeySet.of();
            var next = change.apply(now);
            PrivateFiles.write(path, bytes(next));
            return next;
        } finally {
            THREADS.unlock();
        }
    }

    private byte[] bytes(IssuerKeySet keys) throws IOException {
        return password.isPresent()
                ? Pkcs12Keys.format(keys, password.get())
                : PemKeys.format(keys).getBytes(US_ASCII);
    }
}
