/*
  Exercise 6
  run with: RUN SCRIPT '/tmp/exercise06.sql';
*/

CREATE STREAM STREAM_INGESTION (
  payload STRUCT<sensor_id INT, modality INT, unit STRING, temporal_aspect STRING>,
  correlation_id STRING,
  created_at DOUBLE,
  schema_version INT
) WITH (KAFKA_TOPIC='INGESTION', VALUE_FORMAT='JSON');

-- sensor 1
CREATE STREAM SENSOR_ID_1 AS SELECT *
  FROM STREAM_INGESTION
  WHERE payload->sensor_id = 1;
-- sensor 2
CREATE STREAM SENSOR_ID_2 AS SELECT *
  FROM STREAM_INGESTION
  WHERE payload->sensor_id = 2;
-- sensor 3
CREATE STREAM SENSOR_ID_3 AS SELECT *
  FROM STREAM_INGESTION
  WHERE payload->sensor_id = 3;
-- sensor 4
CREATE STREAM SENSOR_ID_4 AS SELECT *
  FROM STREAM_INGESTION
  WHERE payload->sensor_id = 4;
-- sensor 5
CREATE STREAM SENSOR_ID_5 AS SELECT *
  FROM STREAM_INGESTION
  WHERE payload->sensor_id = 5;
-- sensor 6
CREATE STREAM SENSOR_ID_6 AS SELECT *
  FROM STREAM_INGESTION
  WHERE payload->sensor_id = 6;

show streams;
show queries;
