SET 'auto.offset.reset' = 'latest';

create stream STREAM_INGESTION (
  payload varchar,
  correlation_id varchar,
  createdat double,
  schema_version int
) with (
  kafka_topic='INGESTION',
  value_format='JSON'
);
-- måler 1
CREATE STREAM SENSOR_ID_1 AS SELECT *
        FROM STREAM_INGESTION
        WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '1';
-- måler 2
CREATE STREAM SENSOR_ID_2 AS SELECT *
        FROM STREAM_INGESTION
        WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '2';
-- måler 3
CREATE STREAM SENSOR_ID_3 AS SELECT *
        FROM STREAM_INGESTION
        WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '3';
-- måler 4
CREATE STREAM SENSOR_ID_4 AS SELECT *
        FROM STREAM_INGESTION
        WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '4';
-- måler 5
CREATE STREAM SENSOR_ID_5 AS SELECT *
        FROM STREAM_INGESTION
        WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '5';
-- måler 6
CREATE STREAM SENSOR_ID_6 AS SELECT *
        FROM STREAM_INGESTION
        WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '6';
