-- Exercise 6, group 3
SET 'auto.offset.reset' = 'earliest';

CREATE STREAM STREAM_INGESTION (
	payload STRING,
	correlation_id STRING,
	created_at DOUBLE,
	schema_version INTEGER
) WITH (KAFKA_TOPIC = 'INGESTION', VALUE_FORMAT = 'JSON');

CREATE STREAM SENSOR_ID_1 AS
  SELECT *
	FROM STREAM_INGESTION
	WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '1'
	 OR schema_version = 1;

CREATE STREAM SENSOR_ID_2 AS
  SELECT *
	FROM STREAM_INGESTION
	WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '2'
	 OR schema_version = 1;

CREATE STREAM SENSOR_ID_3 AS
  SELECT *
	FROM STREAM_INGESTION
	WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '3'
	 OR schema_version = 1;

CREATE STREAM SENSOR_ID_4 AS
  SELECT *
	FROM STREAM_INGESTION
	WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '4'
	 OR schema_version = 1;

CREATE STREAM SENSOR_ID_5 AS
  SELECT *
	FROM STREAM_INGESTION
	WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '5'
	 OR schema_version = 1;

CREATE STREAM SENSOR_ID_6 AS
  SELECT *
	FROM STREAM_INGESTION
	WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '6'
	 OR schema_version = 1;

