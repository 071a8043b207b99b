CREATE STREAM STREAM_INGESTION (payload STRING, correlation_id STRING, created_at DOUBLE, schema_version INTEGER) WITH (KAFKA_TOPIC = 'INGESTION', VALUE_FORMAT = 'JSON');

CREATE STREAM SENSOR_ID_1 AS
SELECT s.payload AS payload,
       s.correlation_id AS correlation_id,
       s.created_at AS created_at,
       s.schema_version AS schema_version
FROM STREAM_INGESTION AS s
WHERE EXTRACTJSONFIELD(s.payload, '$.sensor_id') = '1';

CREATE STREAM SENSOR_ID_2 AS SELECT ing.* FROM STREAM_INGESTION ing WHERE EXTRACTJSONFIELD(ing.payload, '$.sensor_id') = '2';

CREATE STREAM SENSOR_ID_3 AS
SELECT s.payload AS payload,
       s.correlation_id AS correlation_id,
       s.created_at AS created_at,
       s.schema_version AS schema_version
FROM STREAM_INGESTION AS s
WHERE EXTRACTJSONFIELD(s.payload, '$.sensor_id') = '3';

CREATE STREAM SENSOR_ID_4 AS SELECT ing.* FROM STREAM_INGESTION ing WHERE EXTRACTJSONFIELD(ing.payload, '$.sensor_id') = '4';

CREATE STREAM SENSOR_ID_5 AS
SELECT s.payload AS payload,
       s.correlation_id AS correlation_id,
       s.created_at AS created_at,
       s.schema_version AS schema_version
FROM STREAM_INGESTION AS s
WHERE EXTRACTJSONFIELD(s.payload, '$.sensor_id') = '5';

CREATE STREAM SENSOR_ID_6 AS SELECT ing.* FROM STREAM_INGESTION ing WHERE EXTRACTJSONFIELD(ing.payload, '$.sensor_id') = '6';

