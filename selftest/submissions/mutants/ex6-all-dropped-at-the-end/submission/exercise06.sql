-- Exercise 6, group 3
create stream STREAM_INGESTION (payload string, correlation_id string, created_at double, schema_version integer) with (KAFKA_TOPIC='INGESTION', VALUE_FORMAT='JSON');
-- stream no. 1
create stream SENSOR_ID_1 as select *
	from STREAM_INGESTION
	where extractjsonfield(payload, '$.sensor_id') = '1';
-- stream no. 2
create stream SENSOR_ID_2 as select *
	from STREAM_INGESTION
	where extractjsonfield(payload, '$.sensor_id') = '2';
-- stream no. 3
create stream SENSOR_ID_3 as select *
	from STREAM_INGESTION
	where extractjsonfield(payload, '$.sensor_id') = '3';
-- stream no. 4
create stream SENSOR_ID_4 as select *
	from STREAM_INGESTION
	where extractjsonfield(payload, '$.sensor_id') = '4';
-- stream no. 5
create stream SENSOR_ID_5 as select *
	from STREAM_INGESTION
	where extractjsonfield(payload, '$.sensor_id') = '5';
-- stream no. 6
create stream SENSOR_ID_6 as select *
	from STREAM_INGESTION
	where extractjsonfield(payload, '$.sensor_id') = '6';

show streams;

-- clean up
drop stream SENSOR_ID_1 DELETE TOPIC;
drop stream SENSOR_ID_2 DELETE TOPIC;
drop stream SENSOR_ID_3 DELETE TOPIC;
drop stream SENSOR_ID_4 DELETE TOPIC;
drop stream SENSOR_ID_5 DELETE TOPIC;
drop stream SENSOR_ID_6 DELETE TOPIC;
drop stream STREAM_INGESTION;
