# Or do it by hand in a lab of your own (topicmark up, topicmark shell) and delete this file: that lab is looked at then.
# TODO ex2.2: create the topic test-redpanda, here or in the console's Topics view; then write the line down
# kafka-topics.sh --bootstrap-server kafka:9092 --create …

# TODO ex2.3: produce the record with key 1 and value {"id":1,"status":"it works"}; where does the key end?
echo '{"id":1}' | kafka-console-producer.sh --bootstrap-server kafka:9092 --topic test-redpanda

# TODO ex2.4: delete all records of the topic, up to the high watermark
# kafka-delete-records.sh --bootstrap-server kafka:9092 --offset-json-file delete.json
