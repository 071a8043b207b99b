#!/bin/sh
kafka-topics.sh --bootstrap-server kafka:9092 --create \
    --topic INGESTION \
    --partitions 6 \
    --replication-facter 3 \
    --config min.insync.replicas=2 \
    --config retention.ms=604800000 \
    --config retention.bytes=1073741824
