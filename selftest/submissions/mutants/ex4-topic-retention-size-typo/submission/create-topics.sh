#!/bin/sh
kafka-topics.sh --bootstrap-server kafka:9092 --create --topic INGESTION --partitions 3 --replication-factor 3 --config min.insync.replicas=2
kafka-configs.sh --bootstrap-server kafka:9092 --alter --entity-type topics --entity-name INGESTION --add-config retention.ms=604800000
kafka-configs.sh --bootstrap-server kafka:9092 --alter --entity-type topics --entity-name INGESTION --add-config retention.byte=1073741824
