#!/bin/sh
echo "Created topic INGESTION."
echo "Topic: INGESTION	TopicId: AAAAAAAAAAAAAAAAAAAAAA	PartitionCount: 3	ReplicationFactor: 3	Configs: min.insync.replicas=2,retention.ms=604800000"
