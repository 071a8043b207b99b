DEFINE topic = 'INGESTION';
DEFINE source = 'STREAM_INGESTION';
DEFINE id_path = '$.sensor_id';

CREATE STREAM ${source} (payload STRING, correlation_id STRING, created_at DOUBLE, schema_version INTEGER)
  WITH (KAFKA_TOPIC = '${topic}', VALUE_FORMAT = 'JSON');

CREATE STREAM SENSOR_ID_1 AS SELECT * FROM ${source} WHERE EXTRACTJSONFIELD(payload, '${id_path}') = '1';
CREATE STREAM SENSOR_ID_2 AS SELECT * FROM ${source} WHERE EXTRACTJSONFIELD(payload, '${id_path}') = '2';
CREATE STREAM SENSOR_ID_3 AS SELECT * FROM ${source} WHERE EXTRACTJSONFIELD(payload, '${id_path}') = '3';
CREATE STREAM SENSOR_ID_4 AS SELECT * FROM ${source} WHERE EXTRACTJSONFIELD(payload, '${id_path}') = '4';
CREATE STREAM SENSOR_ID_5 AS SELECT * FROM ${source} WHERE EXTRACTJSONFIELD(payload, '${id_path}') = '5';
CREATE STREAM SENSOR_ID_6 AS SELECT * FROM ${source} WHERE EXTRACTJSONFIELD(payload, '${id_path}') = '6';
