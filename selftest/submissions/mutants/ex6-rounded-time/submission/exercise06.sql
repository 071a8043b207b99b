CREATE STREAM STREAM_INGESTION (payload STRING, correlation_id STRING, created_at DOUBLE, schema_version INTEGER) WITH (KAFKA_TOPIC='INGESTION', VALUE_FORMAT='JSON');

-- stream no. 1
CREATE STREAM SENSOR_ID_1 AS SELECT payload, correlation_id, CAST(ROUND(created_at) AS DOUBLE) AS created_at, schema_version FROM STREAM_INGESTION WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '1';
-- stream no. 2
CREATE STREAM SENSOR_ID_2 AS SELECT payload, correlation_id, CAST(ROUND(created_at) AS DOUBLE) AS created_at, schema_version FROM STREAM_INGESTION WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '2';
-- stream no. 3
CREATE STREAM SENSOR_ID_3 AS SELECT payload, correlation_id, CAST(ROUND(created_at) AS DOUBLE) AS created_at, schema_version FROM STREAM_INGESTION WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '3';
-- stream no. 4
CREATE STREAM SENSOR_ID_4 AS SELECT payload, correlation_id, CAST(ROUND(created_at) AS DOUBLE) AS created_at, schema_version FROM STREAM_INGESTION WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '4';
-- stream no. 5
CREATE STREAM SENSOR_ID_5 AS SELECT payload, correlation_id, CAST(ROUND(created_at) AS DOUBLE) AS created_at, schema_version FROM STREAM_INGESTION WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '5';
-- stream no. 6
CREATE STREAM SENSOR_ID_6 AS SELECT payload, correlation_id, CAST(ROUND(created_at) AS DOUBLE) AS created_at, schema_version FROM STREAM_INGESTION WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '6';
