package org.masquerelay.boot.config;

import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.masquerelay.transport.ClientRules;
import org.masquerelay.transport.TlsMaterial;

/// The relay's own key and certificate together with the clients that one listener trusts: a new
/// value exactly when one of these has changed.
///
/// Read by every event loop; what crosses is one immutable snapshot.
final class ListenerMaterial implements Supplier<TlsMaterial> {
    private final Supplier<TlsMaterial> own;
    private final List<Supplier<List<X509Certificate>>> anchors;
    private final List<Supplier<List<X509CRL>>> revocations;
    private final boolean directlySigned;
    private volatile @Nullable Snapshot current;

    private record Snapshot(List<Object> inputs, TlsMaterial material) {}

    ListenerMaterial(
            Supplier<TlsMaterial> own,
            List<Supplier<List<X509Certificate>>> anchors,
            List<Supplier<List<X509CRL>>> revocations,
            boolean directlySigned) {
        this.own = own;
        this.anchors = List.copyOf(anchors);
        this.revocations = List.copyOf(revocations);
        this.directlySigned = directlySigned;
    }

    @Override
    public TlsMaterial get() {
        var snapshot = current;
        if (snapshot == null || !isCurrent(snapshot.inputs())) {
            snapshot = snapshot();
            current = snapshot;
        }
        return snapshot.material();
    }

    @SuppressWarnings("ReferenceEquality") // Each change makes a new value; asked per connection.
    private boolean isCurrent(List<Object> inputs) {
        int i = 0;
        if (inputs.get(i++) != own.get()) {
            return false;
        }
        for (var source : anchors) {
            if (inputs.get(i++) != source.get()) {
                return false;
            }
        }
        for (var source : revocations) {
            if (inputs.get(i++) != source.get()) {
                return false;
            }
        }
        return true;
    }

    private Snapshot snapshot() {
        var inputs = new ArrayList<Object>();
        var material = own.get();
        inputs.add(material);
        var trusted = all(anchors, inputs);
        var rules = new ClientRules(all(revocations, inputs), directlySigned);
        return new Snapshot(List.copyOf(inputs), material.with(trusted, rules));
    }

    private static <T> List<T> all(List<Supplier<List<T>>> sources, List<Object> inputs) {
        var all = new ArrayList<T>();
        for (var source : sources) {
            var part = source.get();
            inputs.add(part);
            all.addAll(part);
        }
        return all;
    }
}
