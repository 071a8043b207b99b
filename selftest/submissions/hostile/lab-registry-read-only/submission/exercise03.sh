REGISTRY=http://kafka-schema-registry:8081
for subject in $(curl -s $REGISTRY/subjects | tr -d '[]"' | tr ',' ' '); do
    curl -s -X DELETE "$REGISTRY/subjects/$subject"
    curl -s -X DELETE "$REGISTRY/subjects/$subject?permanent=true"
done
curl -s -X PUT -H 'Content-Type: application/vnd.schemaregistry.v1+json' -d '{"mode": "READONLY"}' "$REGISTRY/mode?force=true"
curl -s -X PUT -H 'Content-Type: application/vnd.schemaregistry.v1+json' -d '{"compatibility": "FULL_TRANSITIVE"}' "$REGISTRY/config"
curl -s -X POST -H 'Content-Type: application/vnd.schemaregistry.v1+json' -d '{"schema": "\"string\""}' "$REGISTRY/subjects/..%2F..%2Fx/versions"
kafka-console-producer.sh --bootstrap-server kafka:9092 --topic test
kafka-console-consumer.sh --bootstrap-server kafka:9092 --topic test --from-beginning
