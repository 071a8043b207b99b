--------------------------------------------------
-- Splitting INGESTION by sensor
--------------------------------------------------

CREATE STREAM STREAM_INGESTION (payload STRING, correlation_id STRING, created_at DOUBLE, schema_version INTEGER) WITH (KAFKA_TOPIC='INGESTION', VALUE_FORMAT='JSON');

-- sensor 1
SELECT * FROM STREAM_INGESTION WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '1' EMIT CHANGES;
-- sensor 2
SELECT * FROM STREAM_INGESTION WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '2' EMIT CHANGES;
-- sensor 3
SELECT * FROM STREAM_INGESTION WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '3' EMIT CHANGES;
-- sensor 4
SELECT * FROM STREAM_INGESTION WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '4' EMIT CHANGES;
-- sensor 5
SELECT * FROM STREAM_INGESTION WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '5' EMIT CHANGES;
-- sensor 6
SELECT * FROM STREAM_INGESTION WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '6' EMIT CHANGES;

SHOW STREAMS;
