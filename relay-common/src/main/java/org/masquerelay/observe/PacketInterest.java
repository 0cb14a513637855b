package org.masquerelay.observe;

/// What [ConnectionTrace]s want to hear of single packets, each of which then costs a little.
public enum PacketInterest {
    NONE,
    /// [ConnectionTrace#packetDropped].
    DROPS,
    /// That and [ConnectionTrace#keysUpdated]: of each connection with a trace the key is kept that
    /// hides the headers of the packets it receives, and none that hides what is in them.
    DROPS_AND_KEYS
}
