CREATE STREAM STREAM_INGESTION (
  schema_version INTEGER,
  created_at DOUBLE,
  correlation_id STRING,
  payload STRING
) WITH (VALUE_FORMAT = 'JSON', KAFKA_TOPIC = 'INGESTION');

CREATE STREAM SENSOR_ID_1 AS
  SELECT created_at, payload, schema_version, correlation_id
  FROM STREAM_INGESTION
  WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '1';

CREATE STREAM SENSOR_ID_2 AS
  SELECT correlation_id, created_at, schema_version, payload
  FROM STREAM_INGESTION
  WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '2';

CREATE STREAM SENSOR_ID_3 AS
  SELECT payload, schema_version, created_at, correlation_id
  FROM STREAM_INGESTION
  WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '3';

CREATE STREAM SENSOR_ID_4 AS
  SELECT schema_version, correlation_id, payload, created_at
  FROM STREAM_INGESTION
  WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '4';

CREATE STREAM SENSOR_ID_5 AS
  SELECT correlation_id, payload, created_at, schema_version
  FROM STREAM_INGESTION
  WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '5';

CREATE STREAM SENSOR_ID_6 AS
  SELECT created_at, correlation_id, schema_version, payload
  FROM STREAM_INGESTION
  WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '6';

