create stream stream_ingestion (payload string, correlation_id string, created_at double, schema_version integer) with (kafka_topic='ingestion', value_format='json');
create stream sensor_id_1 as select * from stream_ingestion where extractjsonfield(payload, '$.sensor_id') = '1';
create stream sensor_id_2 as select * from stream_ingestion where extractjsonfield(payload, '$.sensor_id') = '2';
create stream sensor_id_3 as select * from stream_ingestion where extractjsonfield(payload, '$.sensor_id') = '3';
create stream sensor_id_4 as select * from stream_ingestion where extractjsonfield(payload, '$.sensor_id') = '4';
create stream sensor_id_5 as select * from stream_ingestion where extractjsonfield(payload, '$.sensor_id') = '5';
create stream sensor_id_6 as select * from stream_ingestion where extractjsonfield(payload, '$.sensor_id') = '6';
