SET 'auto.offset.reset' = 'latest';

create stream STREAM_INGESTION (
  payload varchar,
  correlation_id varchar,
  created_at timestamp,
  schema_version int
) with (
  kafka_topic='INGESTION',
  value_format='JSON'
);

create stream SENSOR_ID_1 as select *
	from STREAM_INGESTION
	where extractjsonfield(payload, '$.sensor_id') = '1';
create stream SENSOR_ID_2 as select *
	from STREAM_INGESTION
	where extractjsonfield(payload, '$.sensor_id') = '2';
create stream SENSOR_ID_3 as select *
	from STREAM_INGESTION
	where extractjsonfield(payload, '$.sensor_id') = '3';
create stream SENSOR_ID_4 as select *
	from STREAM_INGESTION
	where extractjsonfield(payload, '$.sensor_id') = '4';
create stream SENSOR_ID_5 as select *
	from STREAM_INGESTION
	where extractjsonfield(payload, '$.sensor_id') = '5';
create stream SENSOR_ID_6 as select *
	from STREAM_INGESTION
	where extractjsonfield(payload, '$.sensor_id') = '6';

SELECT * FROM SENSOR_ID_1 EMIT CHANGES LIMIT 3;
