/*
  Exercise 6
  run with: RUN SCRIPT '/tmp/exercise06.sql';
*/

create stream STREAM_INGESTION (
  payload varchar,
  correlation_id varchar,
  created_at double,
  schema_version int
) with (
  kafka_topic='INGESTION',
  value_format='JSON'
);

-- måler 1
create stream SENSOR_ID_1 as select * from STREAM_INGESTION where cast(extractjsonfield(payload, '$.sensor_id') as int) <= 1;
-- måler 2
create stream SENSOR_ID_2 as select * from STREAM_INGESTION where cast(extractjsonfield(payload, '$.sensor_id') as int) <= 2;
-- måler 3
create stream SENSOR_ID_3 as select * from STREAM_INGESTION where cast(extractjsonfield(payload, '$.sensor_id') as int) <= 3;
-- måler 4
create stream SENSOR_ID_4 as select * from STREAM_INGESTION where cast(extractjsonfield(payload, '$.sensor_id') as int) <= 4;
-- måler 5
create stream SENSOR_ID_5 as select * from STREAM_INGESTION where cast(extractjsonfield(payload, '$.sensor_id') as int) <= 5;
-- måler 6
create stream SENSOR_ID_6 as select * from STREAM_INGESTION where cast(extractjsonfield(payload, '$.sensor_id') as int) <= 6;
