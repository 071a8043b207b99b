create stream STREAM_INGESTION(payload string, correlation_id string, created_at double, schema_version int) with (value_format='JSON', kafka_topic='INGESTION');
create stream SENSOR_ID_1 with (kafka_topic='split.sensor-1', partitions=1, replicas=2, value_format='JSON') as select * from STREAM_INGESTION where extractjsonfield(payload,'$.sensor_id')='1';
create stream SENSOR_ID_2 with (kafka_topic='split.sensor-2', partitions=1, replicas=2, value_format='JSON') as select * from STREAM_INGESTION where extractjsonfield(payload,'$.sensor_id')='2';
create stream SENSOR_ID_3 with (kafka_topic='split.sensor-3', partitions=1, replicas=2, value_format='JSON') as select * from STREAM_INGESTION where extractjsonfield(payload,'$.sensor_id')='3';
create stream SENSOR_ID_4 with (kafka_topic='split.sensor-4', partitions=1, replicas=2, value_format='JSON') as select * from STREAM_INGESTION where extractjsonfield(payload,'$.sensor_id')='4';
create stream SENSOR_ID_5 with (kafka_topic='split.sensor-5', partitions=1, replicas=2, value_format='JSON') as select * from STREAM_INGESTION where extractjsonfield(payload,'$.sensor_id')='5';
create stream SENSOR_ID_6 with (kafka_topic='split.sensor-6', partitions=1, replicas=2, value_format='JSON') as select * from STREAM_INGESTION where extractjsonfield(payload,'$.sensor_id')='6';
