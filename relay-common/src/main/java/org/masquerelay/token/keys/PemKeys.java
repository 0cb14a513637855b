package org.masquerelay.token.keys;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TokenFormatException.Fault;
import org.masquerelay.token.issuance.IssuerKeyPair;
import org.masquerelay.token.issuance.IssuerKeySet;
import org.masquerelay.token.issuance.ScheduledKey;

/// Issuer keys in PEM: blocks of unencrypted PKCS#8, each after lines that say when it is used.
///
/// ```text
/// token-type: 0x0002
/// not-before: 2030-01-01T00:00:00Z
/// not-after: 2030-03-01T00:00:00Z
/// -----BEGIN PRIVATE KEY-----
/// ```
///
/// Both times may be missing, and lines of other tools are stepped over. One key in DER is read,
/// too, and so are RSA keys in PEM of PKCS#1, as Helm and older tools make them.
public final class PemKeys {
    private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String END = "-----END PRIVATE KEY-----";
    private static final Pattern BLOCK =
            Pattern.compile(
                    "-----BEGIN (RSA )?PRIVATE KEY-----([^-]*)-----END (RSA )?PRIVATE KEY-----");
    private static final Pattern BLOCK_BEGIN =
            Pattern.compile("-----BEGIN (RSA )?PRIVATE KEY-----");
    private static final String TOKEN_TYPE = "token-type:";
    private static final String NOT_BEFORE = "not-before:";
    private static final String NOT_AFTER = "not-after:";

    private PemKeys() {}

    public static IssuerKeySet parse(byte[] content) throws TokenFormatException {
        String text = new String(content, ISO_8859_1);
        long begun = BLOCK_BEGIN.matcher(text).results().limit(IssuerKeySet.MAX_KEYS + 1L).count();
        if (begun == 0) {
            return IssuerKeySet.of(IssuerKeyPair.parsePkcs8(content));
        }
        var keys = new ArrayList<ScheduledKey>();
        int from = 0;
        for (var block = BLOCK.matcher(text);
                keys.size() < begun && block.find();
                from = block.end()) {
            if (!Objects.equals(block.group(1), block.group(3))) {
                throw new TokenFormatException(Fault.KEY_FILE);
            }
            keys.add(key(text.substring(from, block.start()), pkcs8(block)));
        }
        if (keys.size() < begun || begun > IssuerKeySet.MAX_KEYS) {
            throw new TokenFormatException(Fault.KEY_FILE);
        }
        return setOf(keys);
    }

    public static String format(IssuerKeySet set) {
        var text = new StringBuilder();
        for (var key : set.keys()) {
            text.append(TOKEN_TYPE + " 0x%04x\n".formatted(key.pair().type().code()));
            if (!key.notBefore().equals(Instant.EPOCH)) {
                text.append(NOT_BEFORE + " ").append(key.notBefore()).append('\n');
            }
            if (!key.notAfter().equals(Instant.MAX)) {
                text.append(NOT_AFTER + " ").append(key.notAfter()).append('\n');
            }
            var lines = Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII));
            text.append(BEGIN + "\n")
                    .append(lines.encodeToString(key.pair().toPkcs8()))
                    .append("\n" + END + "\n");
        }
        return text.toString();
    }

    static IssuerKeySet setOf(List<ScheduledKey> keys) throws TokenFormatException {
        try {
            return new IssuerKeySet(keys);
        } catch (IllegalArgumentException e) {
            throw new TokenFormatException(Fault.KEY_FILE);
        }
    }

    private static ScheduledKey key(String head, byte[] pkcs8) throws TokenFormatException {
        try {
            var pair = IssuerKeyPair.parsePkcs8(pkcs8);
            return scheduled(
                    pair,
                    time(head, NOT_BEFORE, Instant.EPOCH),
                    time(head, NOT_AFTER, Instant.MAX));
        } catch (IllegalArgumentException e) {
            throw new TokenFormatException(Fault.PRIVATE_KEY);
        }
    }

    private static byte[] pkcs8(MatchResult block) throws TokenFormatException {
        try {
            byte[] der = Base64.getMimeDecoder().decode(block.group(2));
            return block.group(1) == null ? der : pkcs8OfPkcs1(der);
        } catch (IllegalArgumentException | IOException e) {
            throw new TokenFormatException(Fault.PRIVATE_KEY);
        }
    }

    /// RFC 5958, section 2, around RFC 8017, appendix A.1.2.
    private static byte[] pkcs8OfPkcs1(byte[] der) throws IOException {
        var rsa = new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE);
        var info = new ASN1Encodable[] {new ASN1Integer(0), rsa, new DEROctetString(der)};
        return new DERSequence(info).getEncoded();
    }

    static ScheduledKey scheduled(IssuerKeyPair pair, Instant notBefore, Instant notAfter)
            throws TokenFormatException {
        if (!notBefore.isBefore(notAfter)) {
            throw new TokenFormatException(Fault.KEY_FILE);
        }
        return new ScheduledKey(pair, notBefore, notAfter);
    }

    private static Instant time(String head, String name, Instant otherwise)
            throws TokenFormatException {
        var line =
                head.lines().map(String::strip).filter(each -> each.startsWith(name)).findFirst();
        try {
            return line.isEmpty()
                    ? otherwise
                    : Instant.parse(line.get().substring(name.length()).strip());
        } catch (DateTimeParseException e) {
            throw new TokenFormatException(Fault.KEY_FILE);
        }
    }
}
