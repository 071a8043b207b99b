kafka-topics.sh --create --topic INGESTION --bootstrap-server kafka:9092 --config retention.ms=604800000 --config retention.bytes=1000000000
kafka-topics.sh --describe --topic INGESTION --bootstrap-server kafka:9092
