#!/bin/bash
# creates all topics of this weeks lab (its just one so far)
set -euo pipefail

REPLICAS=3
MIN_ISR=2
HOURS=48
MB=1024
TOPICS="INGESTION"

BROKERS=""
for i in 0 1 2; do
  BROKERS="${BROKERS:+$BROKERS,}kafka-controller-$i.kafka-controller-headless:9092"
done

for t in $TOPICS; do
  echo "==> $t"
  kafka-topics.sh --bootstrap-server "$BROKERS" --create --if-not-exists --topic "$t" \
    --partitions 6 --replication-factor "$REPLICAS" \
    --config min.insync.replicas="$MIN_ISR" \
    --config retention.ms=$((HOURS * 3600 * 1000)) \
    --config retention.bytes=$((MB * 1024 * 1024)) \
    --config compression.type=producer
done

kafka-topics.sh --bootstrap-server "$BROKERS" --describe --topic INGESTION
