# Finds a JDK 25 or newer and puts it into JAVA_HOME. Sourced by ./mvnw and ./relay; POSIX sh.

relay_jdk_feature() { # prints the feature version of the JDK in $1, or nothing if it is no JDK
  [ -x "$1/bin/javac" ] || return 0
  if [ -r "$1/release" ]; then
    sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
  else
    "$1/bin/java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -n 1
  fi
}

relay_find_jdk() { # sets JAVA_HOME, or says in one sentence what is missing
  relay_on_path=$(command -v javac 2>/dev/null || true)
  if [ -n "$relay_on_path" ]; then
    relay_on_path=$(readlink -f "$relay_on_path" 2>/dev/null || printf '%s' "$relay_on_path")
    relay_on_path=${relay_on_path%/bin/javac}
  fi
  for relay_home in "${JAVA_HOME:-}" "$relay_on_path" \
      /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* \
      "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* \
      /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    [ -n "$relay_home" ] || continue
    relay_feature=$(relay_jdk_feature "$relay_home")
    if [ "${relay_feature:-0}" -ge 25 ]; then
      JAVA_HOME=$relay_home
      export JAVA_HOME
      return 0
    fi
  done
  relay_found=$(java -version 2>&1 | sed -n 's/.* version "\([^"]*\)".*/Java \1/p' | head -n 1)
  echo "relay needs a JDK 25 or newer, but found ${relay_found:-no Java at all}: install one, or point JAVA_HOME at it." >&2
  return 78
}

relay_find_jdk || exit $?
