

-- ### ex 6 ###
create stream STREAM_INGESTION (
  payload varchar,
  correlation_id varchar,
  created_at double,
  schema_version int
) with (
  kafka_topic='INGESTION',
  value_format='JSON'
);

create table SENSOR_ID_1 as select *
	from STREAM_INGESTION
	where Extractjsonfield(payload, '$.sensor_id') = '1';
create table SENSOR_ID_2 as select *
	from STREAM_INGESTION
	where Extractjsonfield(payload, '$.sensor_id') = '2';
create table SENSOR_ID_3 as select *
	from STREAM_INGESTION
	where Extractjsonfield(payload, '$.sensor_id') = '3';
create table SENSOR_ID_4 as select *
	from STREAM_INGESTION
	where Extractjsonfield(payload, '$.sensor_id') = '4';
create table SENSOR_ID_5 as select *
	from STREAM_INGESTION
	where Extractjsonfield(payload, '$.sensor_id') = '5';
create table SENSOR_ID_6 as select *
	from STREAM_INGESTION
	where Extractjsonfield(payload, '$.sensor_id') = '6';

show streams;
show queries;
