package org.masquerelay.cli.profile;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// Values of a property list, and its XML form.
sealed interface PropertyList {
    /// A string. Only what XML 1.0 can say.
    record Text(String value) implements PropertyList {
        public Text {
            if (!value.codePoints().allMatch(Text::isCharacter)) {
                throw new IllegalArgumentException("text: has a character that XML cannot say");
            }
        }

        // Extensible Markup Language (XML) 1.0, production 2.
        private static boolean isCharacter(int c) {
            return c == '\t'
                    || c == '\n'
                    || (c >= 0x20 && c <= 0xd7ff)
                    || (c >= 0xe000 && c <= 0xfffd)
                    || c > 0xffff;
        }
    }

    record Whole(long value) implements PropertyList {}

    /// Bytes, which are not changed afterwards.
    @SuppressWarnings("ArrayRecordComponent") // Written once, compared never.
    record Data(byte[] value) implements PropertyList {}

    record Array(List<? extends PropertyList> values) implements PropertyList {
        public Array {
            values = List.copyOf(values);
        }

        static Array ofTexts(List<String> values) {
            return new Array(values.stream().map(Text::new).toList());
        }
    }

    /// A dictionary; its keys keep their order.
    record Dictionary(List<Entry> entries) implements PropertyList {
        record Entry(String key, PropertyList value) {}

        public Dictionary {
            entries = List.copyOf(entries);
        }

        Dictionary() {
            this(List.of());
        }

        Dictionary with(String key, PropertyList value) {
            var more = new ArrayList<>(entries);
            more.add(new Entry(key, value));
            return new Dictionary(more);
        }

        Dictionary with(String key, String value) {
            return with(key, new Text(value));
        }
    }

    /// The list as an XML document, in UTF-8.
    static String xml(PropertyList root) {
        var out = new StringBuilder();
        out.append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        out.append("<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\"");
        out.append(" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n");
        out.append("<plist version=\"1.0\">\n");
        write(root, out, "");
        return out.append("</plist>\n").toString();
    }

    private static void write(PropertyList value, StringBuilder out, String indent) {
        switch (value) {
            case Text(var text) -> element("string", text, out, indent);
            case Whole(var number) -> element("integer", Long.toString(number), out, indent);
            case Data(var bytes) ->
                    element("data", Base64.getEncoder().encodeToString(bytes), out, indent);
            case Array(var values) -> {
                out.append(indent).append("<array>\n");
                values.forEach(one -> write(one, out, indent + "  "));
                out.append(indent).append("</array>\n");
            }
            case Dictionary(var entries) -> {
                out.append(indent).append("<dict>\n");
                for (var entry : entries) {
                    element("key", entry.key(), out, indent + "  ");
                    write(entry.value(), out, indent + "  ");
                }
                out.append(indent).append("</dict>\n");
            }
        }
    }

    private static void element(String name, String text, StringBuilder out, String indent) {
        String escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
        out.append(indent).append('<').append(name).append('>').append(escaped);
        out.append("</").append(name).append(">\n");
    }
}
