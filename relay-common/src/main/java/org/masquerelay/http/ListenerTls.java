package org.masquerelay.http;

import java.util.function.Supplier;
import org.masquerelay.transport.TlsMaterial;

/// The TLS material of each listener: all show the same, but may trust different clients.
@FunctionalInterface
public interface ListenerTls {
    /// The material of one listener, now and after each change. Asked for once.
    Supplier<TlsMaterial> of(FrontSettings front);

    /// The same for all.
    static ListenerTls same(Supplier<TlsMaterial> material) {
        return _ -> material;
    }
}
