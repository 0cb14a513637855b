package org.masquerelay.boot.config;

import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// A setting that can change while the app runs. Any thread.
public interface Followed<T> extends Supplier<T> {
    /// Has `then` told of each change, with the new value, on a thread that may wait. To be called
    /// while the app starts.
    void onChange(Consumer<? super T> then);

    /// Why what it is read from cannot be used any more, if so.
    default Optional<String> problem() {
        return Optional.empty();
    }

    /// One that stays what it is.
    static <T> Followed<T> always(T value) {
        return new Followed<>() {
            @Override
            public T get() {
                return value;
            }

            @Override
            public void onChange(Consumer<? super T> then) {}
        };
    }
}
