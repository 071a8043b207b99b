SET 'auto.offset.reset' = 'latest';

create stream STREAM_INGESTION (payload string, correlation_id string, created_at double, schema_version integer) with (KAFKA_TOPIC='INGESTION', VALUE_FORMAT='JSON');

-- stream no. 1
create stream SENSOR_ID_1 (payload string, correlation_id string, created_at double, schema_version integer)
    with (KAFKA_TOPIC = 'SENSOR_ID_1', VALUE_FORMAT = 'JSON', PARTITIONS = 3);
-- stream no. 2
create stream SENSOR_ID_2 (payload string, correlation_id string, created_at double, schema_version integer)
    with (KAFKA_TOPIC = 'SENSOR_ID_2', VALUE_FORMAT = 'JSON', PARTITIONS = 3);
-- stream no. 3
create stream SENSOR_ID_3 (payload string, correlation_id string, created_at double, schema_version integer)
    with (KAFKA_TOPIC = 'SENSOR_ID_3', VALUE_FORMAT = 'JSON', PARTITIONS = 3);
-- stream no. 4
create stream SENSOR_ID_4 (payload string, correlation_id string, created_at double, schema_version integer)
    with (KAFKA_TOPIC = 'SENSOR_ID_4', VALUE_FORMAT = 'JSON', PARTITIONS = 3);
-- stream no. 5
create stream SENSOR_ID_5 (payload string, correlation_id string, created_at double, schema_version integer)
    with (KAFKA_TOPIC = 'SENSOR_ID_5', VALUE_FORMAT = 'JSON', PARTITIONS = 3);
-- stream no. 6
create stream SENSOR_ID_6 (payload string, correlation_id string, created_at double, schema_version integer)
    with (KAFKA_TOPIC = 'SENSOR_ID_6', VALUE_FORMAT = 'JSON', PARTITIONS = 3);

SHOW QUERIES;
