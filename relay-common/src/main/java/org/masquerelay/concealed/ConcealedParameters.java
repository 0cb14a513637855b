package org.masquerelay.concealed;

import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.masquerelay.token.ImmutableBytes;

/// Reads the parameters of the scheme `Concealed` ([RFC 9110, section
/// 11.4](https://datatracker.ietf.org/doc/html/rfc9110#section-11.4), and RFC 9729, section 4). For
/// one use.
final class ConcealedParameters {
    /// Tuning: with an RSA key of 8192 bits a field has about 3200 characters.
    private static final int MAX_CHARS = 8192;

    private static final int MAX_PARAMETERS = 16;
    private static final int MAX_CODE = 0xffff;

    private final String field;
    private final Map<String, Value> values = new HashMap<>();
    private int at;

    /// @param quoted whether it was a quoted-string
    private record Value(String text, boolean quoted) {}

    ConcealedParameters(String field) {
        this.field = field;
    }

    Optional<ConcealedCredentials> read() {
        int name = ConcealedCredentials.NAME.length();
        if (field.length() > MAX_CHARS
                || field.length() <= name
                || field.charAt(name) != ' '
                || !field.regionMatches(true, 0, ConcealedCredentials.NAME, 0, name)) {
            return Optional.empty();
        }
        at = name;
        if (!readAll()) {
            return Optional.empty();
        }
        var key = bytes("k");
        var publicKey = bytes("a");
        var verification = bytes("v");
        var proof = bytes("p");
        int scheme = code();
        if (key.isEmpty()
                || publicKey.isEmpty()
                || verification.isEmpty()
                || proof.isEmpty()
                || scheme < 0) {
            return Optional.empty();
        }
        var realm = values.get("realm");
        return Optional.of(
                new ConcealedCredentials(
                        key.get(),
                        publicKey.get(),
                        scheme,
                        verification.get(),
                        proof.get(),
                        realm == null ? "" : realm.text()));
    }

    /// Whether the rest is a list of parameters of different names.
    private boolean readAll() {
        for (skip(" \t,"); at < field.length(); skip(" \t,")) {
            var name = token().toLowerCase(Locale.ROOT);
            skip(" \t");
            if (name.isEmpty() || peek() != '=' || values.size() == MAX_PARAMETERS) {
                return false;
            }
            at++;
            skip(" \t");
            var value = value();
            if (value.isEmpty() || values.put(name, value.get()) != null) {
                return false;
            }
            skip(" \t");
            if (at < field.length() && peek() != ',') {
                return false;
            }
        }
        return true;
    }

    private Optional<Value> value() {
        if (peek() != '"') {
            var token = token();
            return token.isEmpty() ? Optional.empty() : Optional.of(new Value(token, false));
        }
        var text = new StringBuilder();
        for (at++; at < field.length(); at++) {
            char c = field.charAt(at);
            if (c == '"') {
                at++;
                return Optional.of(new Value(text.toString(), true));
            }
            if (c == '\\' && ++at == field.length()) {
                break;
            }
            text.append(field.charAt(at));
        }
        return Optional.empty();
    }

    private String token() {
        int from = at;
        while (at < field.length() && isTokenCharacter(field.charAt(at))) {
            at++;
        }
        return field.substring(from, at);
    }

    private static boolean isTokenCharacter(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }

    private void skip(String characters) {
        while (at < field.length() && characters.indexOf(field.charAt(at)) >= 0) {
            at++;
        }
    }

    private char peek() {
        return at < field.length() ? field.charAt(at) : 0;
    }

    /// base64url without quotes and padding, in its one notation: bits that say nothing are zero.
    private Optional<ImmutableBytes> bytes(String name) {
        var value = values.get(name);
        if (value == null || value.quoted()) {
            return Optional.empty();
        }
        try {
            var bytes = Base64.getUrlDecoder().decode(value.text());
            var again = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
            return again.equals(value.text())
                    ? Optional.of(ImmutableBytes.copyOf(bytes))
                    : Optional.empty();
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /// Digits without a leading zero, from 0 to 65535; or -1.
    private int code() {
        var value = values.get("s");
        if (value == null || value.quoted() || value.text().length() > 5) {
            return -1;
        }
        var digits = value.text();
        boolean isNumber = digits.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!isNumber || (digits.length() > 1 && digits.charAt(0) == '0')) {
            return -1;
        }
        int code = Integer.parseInt(digits);
        return code <= MAX_CODE ? code : -1;
    }
}
