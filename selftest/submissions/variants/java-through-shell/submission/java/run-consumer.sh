#!/bin/sh
# sh run-consumer.sh [gruppe]
set -e
cd "$(dirname "$0")"
CLASSES=$(mktemp -d)
javac -d "$CLASSES" Consumer.java
exec java -cp "$CLASSES:$CLASSPATH" Consumer "$@"
