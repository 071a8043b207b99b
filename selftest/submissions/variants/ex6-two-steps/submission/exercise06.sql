/* step 1: the topic */
CREATE STREAM STREAM_INGESTION (payload STRING, correlation_id STRING, created_at DOUBLE, schema_version INTEGER)
    WITH (KAFKA_TOPIC='INGESTION', VALUE_FORMAT='JSON');

/* step 2: pull the id out only once */
CREATE STREAM INGESTION_WITH_ID AS
    SELECT EXTRACTJSONFIELD(payload, '$.sensor_id') AS sensor_id,
           payload, correlation_id, created_at, schema_version
    FROM STREAM_INGESTION
    EMIT CHANGES;

/* step 3: split */
CREATE STREAM SENSOR_ID_1 AS SELECT payload, correlation_id, created_at, schema_version FROM INGESTION_WITH_ID WHERE sensor_id = '1' EMIT CHANGES;
CREATE STREAM SENSOR_ID_2 AS SELECT payload, correlation_id, created_at, schema_version FROM INGESTION_WITH_ID WHERE sensor_id = '2' EMIT CHANGES;
CREATE STREAM SENSOR_ID_3 AS SELECT payload, correlation_id, created_at, schema_version FROM INGESTION_WITH_ID WHERE sensor_id = '3' EMIT CHANGES;
CREATE STREAM SENSOR_ID_4 AS SELECT payload, correlation_id, created_at, schema_version FROM INGESTION_WITH_ID WHERE sensor_id = '4' EMIT CHANGES;
CREATE STREAM SENSOR_ID_5 AS SELECT payload, correlation_id, created_at, schema_version FROM INGESTION_WITH_ID WHERE sensor_id = '5' EMIT CHANGES;
CREATE STREAM SENSOR_ID_6 AS SELECT payload, correlation_id, created_at, schema_version FROM INGESTION_WITH_ID WHERE sensor_id = '6' EMIT CHANGES;
