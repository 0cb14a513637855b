package org.masquerelay.tunnel;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/// The field lines of a message in the order they came, without pseudo-header fields.
public record HeaderFields(List<HeaderField> lines) implements Iterable<HeaderField> {
    public static final HeaderFields NONE = new HeaderFields(List.of());

    public HeaderFields {
        lines = List.copyOf(lines);
    }

    public static HeaderFields of(String name, String value) {
        return new HeaderFields(List.of(new HeaderField(name, value)));
    }

    public Optional<String> first(String name) {
        for (var line : lines) {
            if (line.name().equals(name)) {
                return Optional.of(line.value());
            }
        }
        return Optional.empty();
    }

    /// All values of a field, in order.
    public List<String> all(String name) {
        return lines.stream()
                .filter(line -> line.name().equals(name))
                .map(HeaderField::value)
                .toList();
    }

    public boolean contains(String name) {
        return first(name).isPresent();
    }

    public HeaderFields with(String name, String value) {
        var more = new ArrayList<>(lines);
        more.add(new HeaderField(name, value));
        return new HeaderFields(more);
    }

    @Override
    public Iterator<HeaderField> iterator() {
        return lines.iterator();
    }
}
