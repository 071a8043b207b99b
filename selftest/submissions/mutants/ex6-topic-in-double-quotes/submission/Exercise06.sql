

-- ### ex 6 ###
Create Stream STREAM_INGESTION (
    payload String,
    correlation_id String,
    created_at Double,
    schema_version Integer
) With (KAFKA_TOPIC = "INGESTION", VALUE_FORMAT = "JSON");

Create Stream SENSOR_ID_1 As Select *
  From STREAM_INGESTION
  Where Extractjsonfield(payload, '$.sensor_id') = '1';
Create Stream SENSOR_ID_2 As Select *
  From STREAM_INGESTION
  Where Extractjsonfield(payload, '$.sensor_id') = '2';
Create Stream SENSOR_ID_3 As Select *
  From STREAM_INGESTION
  Where Extractjsonfield(payload, '$.sensor_id') = '3';
Create Stream SENSOR_ID_4 As Select *
  From STREAM_INGESTION
  Where Extractjsonfield(payload, '$.sensor_id') = '4';
Create Stream SENSOR_ID_5 As Select *
  From STREAM_INGESTION
  Where Extractjsonfield(payload, '$.sensor_id') = '5';
Create Stream SENSOR_ID_6 As Select *
  From STREAM_INGESTION
  Where Extractjsonfield(payload, '$.sensor_id') = '6';

SHOW STREAMS;
