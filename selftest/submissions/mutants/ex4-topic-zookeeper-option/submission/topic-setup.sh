bin=/opt/bitnami/kafka/bin
$bin/kafka-topics.sh --create --zookeeper kafka-zookeeper:2181 --replication-factor 3 --partitions 3 --topic INGESTION --config retention.ms=604800000 --config retention.bytes=1073741824 --config min.insync.replicas=2
