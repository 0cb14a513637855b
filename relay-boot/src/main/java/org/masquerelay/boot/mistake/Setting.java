package org.masquerelay.boot.mistake;

import java.lang.reflect.Field;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A property that some settings record has.
///
/// @param name in kebab case, with `[0]` for items of lists
/// @param field which has its type and constraints
record Setting(String name, Field field) {
    private static final Pattern INDEX = Pattern.compile("\\[[^\\]]*\\]");

    /// What two spellings of one property have in common, whatever item of a list it is of.
    static String plain(String name) {
        return INDEX.matcher(name).replaceAll("[0]").replace("-", "").toLowerCase(Locale.ROOT);
    }

    /// The name of this property with the items of lists that `given` names.
    String like(String given) {
        var indexes = INDEX.matcher(given);
        return INDEX.matcher(name)
                .replaceAll(none ->
                        Matcher.quoteReplacement(indexes.find() ? indexes.group() : none.group()));
    }
}
