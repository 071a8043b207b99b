-- opgave 6

create stream INGESTION_STREAM (
	payload string,
	correlation_id string,
	created_at double,
	schema_version integer
) with (KAFKA_TOPIC = 'INGESTION', VALUE_FORMAT = 'JSON');

-- sensor 1
create stream SENSOR_ID_1 as select *
	from INGESTION_STREAM
	where extractjsonfield(payload, '$.sensor_id') = '1';
-- sensor 2
create stream SENSOR_ID_2 as select *
	from INGESTION_STREAM
	where extractjsonfield(payload, '$.sensor_id') = '2';
-- sensor 3
create stream SENSOR_ID_3 as select *
	from INGESTION_STREAM
	where extractjsonfield(payload, '$.sensor_id') = '3';
-- sensor 4
create stream SENSOR_ID_4 as select *
	from INGESTION_STREAM
	where extractjsonfield(payload, '$.sensor_id') = '4';
-- sensor 5
create stream SENSOR_ID_5 as select *
	from INGESTION_STREAM
	where extractjsonfield(payload, '$.sensor_id') = '5';
-- sensor 6
create stream SENSOR_ID_6 as select *
	from INGESTION_STREAM
	where extractjsonfield(payload, '$.sensor_id') = '6';

DESCRIBE SENSOR_ID_1;
