# The images of the relay. Build the jars first (./mvnw -DskipTests package), then
#
#   docker build --build-arg MODULE=ingress-app --tag masque-relay/ingress .      # the issuer is this one, too
#   docker build --build-arg MODULE=egress-app  --tag masque-relay/egress .
#   docker build --build-arg MODULE=relay-cli   --tag masque-relay/cli --target cli .
#
# The tags below are those of the JDK that the jars are tested with: AOT caches are good for one JVM only.
ARG JAVA_VERSION=25.0.3_9
ARG SYSTEM=noble

# The jar in layers, and the native libraries of this processor out of their jars.
FROM eclipse-temurin:${JAVA_VERSION}-jdk-${SYSTEM} AS unpacked
ARG MODULE
WORKDIR /unpacked
COPY ${MODULE}/target/${MODULE}-exec.jar relay.jar
RUN java -Djarmode=tools -jar relay.jar extract --layers --destination layers \
 && mkdir native health \
 && for jar in layers/*/lib/netty-*-linux-*.jar; do (cd native && jar --extract --file "../$jar" META-INF/native); done \
 && mv native/META-INF/native/*.so native/ && rm -r native/META-INF \
 && for jar in layers/*/lib/relay-boot-*.jar; do \
      [ ! -e "$jar" ] || (cd health && jar --extract --file "../$jar" org/masquerelay/boot/probe); \
    done

# What all images have.
FROM eclipse-temurin:${JAVA_VERSION}-jre-${SYSTEM} AS base
# glibc would keep an arena for each thread: memory that is given back and stays.
ENV MALLOC_ARENA_MAX=2
RUN mkdir -p /opt/masque-relay /etc/masque-relay/keys /keys/ingress /keys/egress /keys/issuer /keys/client /keys/target \
 && chown -R 10001:10001 /etc/masque-relay/keys /keys
WORKDIR /opt/masque-relay
COPY deploy/image/java.options deploy/image/java.flags ./
COPY --from=unpacked /unpacked/native native
COPY --from=unpacked /unpacked/layers/dependencies ./
COPY --from=unpacked /unpacked/layers/snapshot-dependencies ./
COPY --from=unpacked /unpacked/layers/application ./

# The command line: clients, keys, targets.
FROM base AS cli
USER 10001:10001
ENTRYPOINT ["java", "@java.options", "-XX:TieredStopAtLevel=1", "-jar", "relay.jar"]

# Starts the app on the loopback address and stops it again; what it has loaded until then is the AOT cache.
FROM base AS trained
COPY --from=unpacked /unpacked/health health
COPY deploy/image/train /tmp/train
RUN /tmp/train

FROM base AS app
COPY --from=unpacked /unpacked/health health
COPY --from=trained /opt/masque-relay/relay.aot relay.aot
USER 10001:10001
ENTRYPOINT ["java", "@java.options", "-XX:AOTCache=relay.aot", "-jar", "relay.jar"]
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 \
  CMD ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx16m", "-cp", "health", "org.masquerelay.boot.probe.HealthCheck", "8081", "8082"]
