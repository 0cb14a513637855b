# The images of the relay. Build the jars first (./mvnw -DskipTests package), then
#
#   docker build --build-arg MODULE=ingress-app --tag masque-relay/ingress .      # the issuer is this one, too
#   docker build --build-arg MODULE=egress-app  --tag masque-relay/egress .
#   docker build --target cli                   --tag masque-relay/cli .
#
# The JVM is the one that runs the relay and the one that trains it: an AOT cache is good for one build of it only.
ARG JAVA_VERSION=25.0.3_9
ARG SYSTEM=noble

# What all images have.
FROM eclipse-temurin:${JAVA_VERSION}-jre-${SYSTEM} AS base
# Where volumes with keys are mounted: a new volume takes its owner from here.
RUN mkdir -p /etc/masque-relay/keys /keys/ingress /keys/egress /keys/issuer /keys/client /keys/target \
 && chown -R 10001:10001 /etc/masque-relay/keys /keys
WORKDIR /opt/masque-relay
COPY deploy/image/java.options deploy/image/java.flags ./

# The command line: clients, keys, targets.
FROM eclipse-temurin:${JAVA_VERSION}-jdk-${SYSTEM} AS unpacked-cli
WORKDIR /unpacked
COPY relay-cli/target/relay-cli-exec.jar relay.jar
COPY deploy/image/unpack-natives ./
RUN jar --extract --file relay.jar BOOT-INF && ./unpack-natives BOOT-INF/lib

FROM base AS cli
COPY --from=unpacked-cli /unpacked/native native
COPY --from=unpacked-cli /unpacked/BOOT-INF/lib lib
COPY --from=unpacked-cli /unpacked/BOOT-INF/classes classes
USER 10001:10001
ENTRYPOINT ["java", "@/opt/masque-relay/java.options", "-XX:TieredStopAtLevel=1", \
            "-cp", "/opt/masque-relay/classes:/opt/masque-relay/lib/*", "org.masquerelay.cli.RelayCommand"]

# An app: its jar in layers, and the class of the health check by itself.
FROM eclipse-temurin:${JAVA_VERSION}-jdk-${SYSTEM} AS unpacked
ARG MODULE
WORKDIR /unpacked
COPY ${MODULE}/target/${MODULE}-exec.jar relay.jar
COPY deploy/image/unpack-natives ./
RUN java -Djarmode=tools -jar relay.jar extract --layers --destination layers \
 && ./unpack-natives layers/dependencies/lib \
 && mkdir health && cd health && jar --extract --file ../layers/*/lib/relay-boot-*.jar org/masquerelay/boot/probe

FROM base AS untrained
COPY --from=unpacked /unpacked/health health
COPY --from=unpacked /unpacked/native native
COPY --from=unpacked /unpacked/layers/dependencies ./
COPY --from=unpacked /unpacked/layers/snapshot-dependencies ./
COPY --from=unpacked /unpacked/layers/application ./

# Starts the app on the loopback address and stops it again; what it has loaded until then is the AOT cache.
FROM untrained AS trained
COPY deploy/image/train ./
RUN ./train

FROM untrained AS app
COPY --from=trained /opt/masque-relay/relay.aot ./
USER 10001:10001
ENTRYPOINT ["java", "@/opt/masque-relay/java.options", "-XX:AOTCache=/opt/masque-relay/relay.aot", "-jar", "/opt/masque-relay/relay.jar"]
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 \
  CMD ["java", "-Xint", "-XX:+UseSerialGC", "-Xmx16m", "-cp", "/opt/masque-relay/health", "org.masquerelay.boot.probe.HealthCheck", "8081", "8082"]
