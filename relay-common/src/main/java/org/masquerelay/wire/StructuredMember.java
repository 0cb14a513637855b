package org.masquerelay.wire;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A member of a list or of a dictionary, with its parameters in their order ([RFC 9651, section
/// 3](https://datatracker.ietf.org/doc/html/rfc9651#section-3)).
///
/// The order of parameters is kept and written, and is no part of what makes two members equal.
public sealed interface StructuredMember {

    Map<String, BareItem> parameters();

    /// The one notation of this member (RFC 9651, section 4.1).
    String format();

    record Item(BareItem value, Map<String, BareItem> parameters) implements StructuredMember {
        public Item {
            parameters = ordered(parameters);
        }

        public Item(BareItem value) {
            this(value, Map.of());
        }

        @Override
        public String format() {
            return withParameters(new StringBuilder(StructuredFields.format(value)), parameters);
        }
    }

    record InnerList(List<Item> items, Map<String, BareItem> parameters)
            implements StructuredMember {
        public InnerList {
            items = List.copyOf(items);
            parameters = ordered(parameters);
        }

        @Override
        public String format() {
            StringBuilder out = new StringBuilder("(");
            for (Item item : items) {
                out.append(out.length() == 1 ? "" : " ").append(item.format());
            }
            return withParameters(out.append(')'), parameters);
        }
    }

    private static Map<String, BareItem> ordered(Map<String, BareItem> parameters) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    }

    private static String withParameters(StringBuilder out, Map<String, BareItem> parameters) {
        parameters.entrySet().forEach(each -> StructuredFields.appendParameter(out, each));
        return out.toString();
    }
}
