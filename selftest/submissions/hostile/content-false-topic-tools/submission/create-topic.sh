chmod +x kafka-topics.sh
PATH="$PWD:$PATH"
kafka-topics.sh --bootstrap-server kafka:9092 --create --topic INGESTION --partitions 3 --replication-factor 3 --config retention.ms=604800000
kafka-topics.sh --bootstrap-server kafka:9092 --describe --topic INGESTION
