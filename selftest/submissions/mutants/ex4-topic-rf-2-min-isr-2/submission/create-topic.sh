#!/usr/bin/env bash
set -euo pipefail

BOOTSTRAP=kafka:9092

kafka-topics.sh --bootstrap-server "$BOOTSTRAP" \
  --create --if-not-exists --topic INGESTION \
  --partitions 6 --replication-factor 2 \
  --config min.insync.replicas=2 \
  --config retention.ms=86400000 \
  --config retention.bytes=268435456
