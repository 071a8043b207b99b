#!/bin/sh
set -e
echo "creating topics ..."
kafka-topics.sh --create --bootstrap-server kafka:9092 --topic INGESTION --partitions 3 --replication-factor 3 --config min.insync.replicas=2 --config retention.ms=7d --config retention.bytes=1073741824
echo "done"
