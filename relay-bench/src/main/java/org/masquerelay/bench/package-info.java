/// Micro-benchmarks of what a relay does for each datagram and each tunnel. Compiled in every build
/// and run by hand:
///
/// ```sh
/// ./mvnw -q -DskipTests package
/// java --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
///     -cp "relay-bench/target/classes:$(cat relay-bench/target/classpath)" \
///     org.openjdk.jmh.Main -prof gc DatagramBenchmark
/// ```
///
/// The last word is a regular expression; without one, all of them run. `-prof gc` adds what each
/// call allocates. What the relays as a whole carry is measured by `./relay bench`.
@NullMarked
package org.masquerelay.bench;

import org.jspecify.annotations.NullMarked;
