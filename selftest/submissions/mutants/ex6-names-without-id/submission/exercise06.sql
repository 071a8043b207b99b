create stream STREAM_INGESTION (
  payload varchar,
  correlation_id varchar,
  created_at double,
  schema_version int
) with (
  kafka_topic='INGESTION',
  value_format='JSON'
);

create stream SENSOR_1 as
  select * from STREAM_INGESTION where extractjsonfield(payload, '$.sensor_id') = '1';
create stream SENSOR_2 as
  select * from STREAM_INGESTION where extractjsonfield(payload, '$.sensor_id') = '2';
create stream SENSOR_3 as
  select * from STREAM_INGESTION where extractjsonfield(payload, '$.sensor_id') = '3';
create stream SENSOR_4 as
  select * from STREAM_INGESTION where extractjsonfield(payload, '$.sensor_id') = '4';
create stream SENSOR_5 as
  select * from STREAM_INGESTION where extractjsonfield(payload, '$.sensor_id') = '5';
create stream SENSOR_6 as
  select * from STREAM_INGESTION where extractjsonfield(payload, '$.sensor_id') = '6';

SHOW QUERIES;
