--------------------------------------------------
-- Splitting INGESTION by sensor
--------------------------------------------------

create stream STREAM_INGESTION (
  payload varchar,
  correlation_id varchar,
  created_at double,
  schema_version int
) with (
  kafka_topic='INGESTION',
  value_format='JSON'
);

-- sensor 1
create stream SENSOR_ID_1 as select payload, correlation_id, ROWTIME as created_at, schema_version
        from STREAM_INGESTION
        where extractjsonfield(payload, '$.sensor_id') = '1';
-- sensor 2
create stream SENSOR_ID_2 as select payload, correlation_id, ROWTIME as created_at, schema_version
        from STREAM_INGESTION
        where extractjsonfield(payload, '$.sensor_id') = '2';
-- sensor 3
create stream SENSOR_ID_3 as select payload, correlation_id, ROWTIME as created_at, schema_version
        from STREAM_INGESTION
        where extractjsonfield(payload, '$.sensor_id') = '3';
-- sensor 4
create stream SENSOR_ID_4 as select payload, correlation_id, ROWTIME as created_at, schema_version
        from STREAM_INGESTION
        where extractjsonfield(payload, '$.sensor_id') = '4';
-- sensor 5
create stream SENSOR_ID_5 as select payload, correlation_id, ROWTIME as created_at, schema_version
        from STREAM_INGESTION
        where extractjsonfield(payload, '$.sensor_id') = '5';
-- sensor 6
create stream SENSOR_ID_6 as select payload, correlation_id, ROWTIME as created_at, schema_version
        from STREAM_INGESTION
        where extractjsonfield(payload, '$.sensor_id') = '6';

SHOW STREAMS;
