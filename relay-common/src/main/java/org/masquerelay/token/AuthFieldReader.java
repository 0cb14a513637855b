package org.masquerelay.token;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.masquerelay.token.TokenFormatException.Fault;

/// Reads the value of a WWW-Authenticate or Authorization field ([RFC 9110, section
/// 11](https://datatracker.ietf.org/doc/html/rfc9110#section-11)).
///
/// An unquoted value may contain `=` and `/`, although RFC 9110 wants such values quoted: padded
/// base64 is sent that way by real peers. A token68 is recognised and left out.
final class AuthFieldReader {
    /// Tuning: a PrivateToken challenge needs about 700 characters.
    private static final int MAX_FIELD_LENGTH = 16 * 1024;

    private static final int MAX_SCHEMES = 16;
    private static final int MAX_PARAMETERS = 32;

    private final String field;
    private final List<Scheme> schemes = new ArrayList<>();
    private int at;

    private AuthFieldReader(String field) {
        this.field = field;
    }

    static List<Scheme> readAll(String field) throws TokenFormatException {
        if (field.length() > MAX_FIELD_LENGTH) {
            throw new TokenFormatException(Fault.AUTH_TOO_LARGE);
        }
        var reader = new AuthFieldReader(field);
        reader.read();
        return reader.schemes;
    }

    private void read() throws TokenFormatException {
        for (skipSpaceAndCommas(); !atEnd(); skipSpaceAndCommas()) {
            String word = word();
            boolean spaced = skipSpace();
            if (next('=')) {
                parameter(word);
            } else if (spaced || atEnd() || next(',')) {
                scheme(word);
            } else {
                throw new TokenFormatException(Fault.AUTH_SYNTAX);
            }
            skipSpace();
            if (!atEnd() && !next(',')) {
                throw new TokenFormatException(Fault.AUTH_SYNTAX);
            }
        }
    }

    private void scheme(String name) throws TokenFormatException {
        if (schemes.size() == MAX_SCHEMES) {
            throw new TokenFormatException(Fault.AUTH_TOO_LARGE);
        }
        schemes.add(new Scheme(name, new LinkedHashMap<>()));
        if (atEnd() || next(',')) {
            return;
        }
        String word = word();
        skipSpace();
        if (next('=')) {
            parameter(word);
        }
    }

    private void parameter(String name) throws TokenFormatException {
        at++;
        skipSpace();
        boolean quoted = next('"');
        String value = quoted ? quotedString() : run("=");
        if (!quoted && value.chars().allMatch(c -> c == '=')) {
            return; // What stands before the sign was a token68, and this is its padding.
        }
        if (schemes.isEmpty()) {
            throw new TokenFormatException(Fault.AUTH_SYNTAX);
        }
        var parameters = schemes.getLast().parameters();
        if (parameters.size() == MAX_PARAMETERS) {
            throw new TokenFormatException(Fault.AUTH_TOO_LARGE);
        }
        // RFC 9110, section 11.2: a parameter name occurs once.
        if (parameters.putIfAbsent(name.toLowerCase(Locale.ROOT), value) != null) {
            throw new TokenFormatException(Fault.AUTH_SYNTAX);
        }
    }

    private String quotedString() throws TokenFormatException {
        var value = new StringBuilder();
        for (at++; !atEnd(); at++) {
            char c = field.charAt(at);
            if (c == '"') {
                at++;
                return value.toString();
            }
            if (c == '\\' && ++at == field.length()) {
                break;
            }
            value.append(field.charAt(at));
        }
        throw new TokenFormatException(Fault.AUTH_SYNTAX);
    }

    private String word() throws TokenFormatException {
        String word = run("");
        if (word.isEmpty()) {
            throw new TokenFormatException(Fault.AUTH_SYNTAX);
        }
        return word;
    }

    private String run(String alsoAllowed) {
        int from = at;
        while (!atEnd()
                && (isWordCharacter(field.charAt(at))
                        || alsoAllowed.indexOf(field.charAt(at)) >= 0)) {
            at++;
        }
        return field.substring(from, at);
    }

    /// The token characters of RFC 9110, section 5.6.2, and the slash of a token68.
    private static boolean isWordCharacter(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || "!#$%&'*+-.^_`|~/".indexOf(c) >= 0;
    }

    private boolean skipSpace() {
        int from = at;
        while (next(' ') || next('\t')) {
            at++;
        }
        return at > from;
    }

    private void skipSpaceAndCommas() {
        while (skipSpace() || next(',')) {
            if (next(',')) {
                at++;
            }
        }
    }

    private boolean next(char c) {
        return at < field.length() && field.charAt(at) == c;
    }

    private boolean atEnd() {
        return at == field.length();
    }

    /// One scheme with its parameters, whose names are in lower case.
    record Scheme(String name, Map<String, String> parameters) {
        boolean isPrivateToken() {
            return name.equalsIgnoreCase(PrivateTokenChallenge.SCHEME);
        }
    }
}
