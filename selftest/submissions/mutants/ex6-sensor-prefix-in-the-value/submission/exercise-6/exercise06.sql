-- Aufgabe 6: sechs Ströme, einer je Sensor
create stream STREAM_INGESTION (
  payload varchar,
  correlation_id varchar,
  created_at double,
  schema_version int
) with (
  kafka_topic='INGESTION',
  value_format='JSON'
);
create stream SENSOR_ID_1 as select *
	from STREAM_INGESTION
	where extractjsonfield(payload, '$.sensor_id') = 'sensor_1';
create stream SENSOR_ID_2 as select *
	from STREAM_INGESTION
	where extractjsonfield(payload, '$.sensor_id') = 'sensor_2';
create stream SENSOR_ID_3 as select *
	from STREAM_INGESTION
	where extractjsonfield(payload, '$.sensor_id') = 'sensor_3';
create stream SENSOR_ID_4 as select *
	from STREAM_INGESTION
	where extractjsonfield(payload, '$.sensor_id') = 'sensor_4';
create stream SENSOR_ID_5 as select *
	from STREAM_INGESTION
	where extractjsonfield(payload, '$.sensor_id') = 'sensor_5';
create stream SENSOR_ID_6 as select *
	from STREAM_INGESTION
	where extractjsonfield(payload, '$.sensor_id') = 'sensor_6';

LIST STREAMS;
DESCRIBE STREAM_INGESTION EXTENDED;
