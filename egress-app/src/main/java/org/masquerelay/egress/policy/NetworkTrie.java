package org.masquerelay.egress.policy;

import org.jspecify.annotations.Nullable;
import org.masquerelay.egress.rule.Protocol;

/// Networks of one address family with their [PortMap]s, as a binary trie in which a path without a
/// fork is one step: a look-up takes as many steps as networks, or forks between them, contain the
/// address, which is 33 or 129 at most, however many networks there are.
///
/// Changes until it is published, and not any more.
final class NetworkTrie {
    private final Node root = new Node(new AddressBits(false, 0, 0), 0);

    private static final class Node {
        final AddressBits prefix;
        final int length;
        @Nullable PortMap ports;
        @Nullable Node zero;
        @Nullable Node one;

        Node(AddressBits prefix, int length) {
            this.prefix = prefix;
            this.length = length;
        }

        @Nullable Node towards(AddressBits bits) {
            return bits.isSet(length) ? one : zero;
        }

        void attach(Node child) {
            if (child.prefix.isSet(length)) {
                one = child;
            } else {
                zero = child;
            }
        }
    }

    /// @param length of the prefix, in bits
    void put(AddressBits prefix, int length, PortMap ports) {
        var at = root;
        while (at.length < length) {
            var child = at.towards(prefix);
            if (child == null) {
                child = new Node(prefix, length);
                at.attach(child);
            }
            int common = Math.min(prefix.commonWith(child.prefix), Math.min(length, child.length));
            if (common < child.length) {
                var fork = new Node(prefix, common);
                fork.attach(child);
                at.attach(fork);
                child = fork;
            }
            at = child;
        }
        at.ports = ports;
    }

    /// The mark of the smallest network that contains the address and has one for the port, or
    /// [Mark#NONE].
    int find(AddressBits address, Protocol protocol, int port) {
        int mark = Mark.NONE;
        @Nullable Node node = root;
        while (node != null && address.commonWith(node.prefix) >= node.length) {
            if (node.ports != null) {
                mark = Mark.firstOf(node.ports.find(protocol, port), mark);
            }
            node = node.length < maxLength(address) ? node.towards(address) : null;
        }
        return mark;
    }

    private static int maxLength(AddressBits address) {
        return address.isV4() ? 32 : 128;
    }
}
