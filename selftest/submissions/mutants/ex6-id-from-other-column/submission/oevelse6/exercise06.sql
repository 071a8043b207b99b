-- Exercise 6, group 3
-- laver de seks strømme
create stream STREAM_INGESTION (payload string, correlation_id string, created_at double, schema_version integer) with (KAFKA_TOPIC='INGESTION', VALUE_FORMAT='JSON');

create stream SENSOR_ID_1 as select *
  from STREAM_INGESTION
  where extractjsonfield(correlation_id, '$.sensor_id') = '1';
create stream SENSOR_ID_2 as select *
  from STREAM_INGESTION
  where extractjsonfield(correlation_id, '$.sensor_id') = '2';
create stream SENSOR_ID_3 as select *
  from STREAM_INGESTION
  where extractjsonfield(correlation_id, '$.sensor_id') = '3';
create stream SENSOR_ID_4 as select *
  from STREAM_INGESTION
  where extractjsonfield(correlation_id, '$.sensor_id') = '4';
create stream SENSOR_ID_5 as select *
  from STREAM_INGESTION
  where extractjsonfield(correlation_id, '$.sensor_id') = '5';
create stream SENSOR_ID_6 as select *
  from STREAM_INGESTION
  where extractjsonfield(correlation_id, '$.sensor_id') = '6';
