#!/bin/bash

kafka-topics.sh --create \
  --bootstrap-server kafka:9092 \
  --topic INGESTION
  --partitions 3 \
  --replication-factor 3 \
  --config min.insync.replicas=2 \
  --config retention.ms=604800000 \
  --config retention.bytes=1073741824
