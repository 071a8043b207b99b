Create Stream STREAM_INGESTION (
    payload String,
    correlation_id String,
    created_at Double,
    schema_version Integer
) With (KAFKA_TOPIC = 'INGESTION', VALUE_FORMAT = 'JSON');

-- sensor 1
Create Stream SENSOR_ID_<sensor_id> As
  Select
      *
  From STREAM_INGESTION
  Where Extractjsonfield(PAYLOAD, '$.sensor_id') = '1';

-- sensor 2
Create Stream SENSOR_ID_<sensor_id> As
  Select
      *
  From STREAM_INGESTION
  Where Extractjsonfield(PAYLOAD, '$.sensor_id') = '2';

-- sensor 3
Create Stream SENSOR_ID_<sensor_id> As
  Select
      *
  From STREAM_INGESTION
  Where Extractjsonfield(PAYLOAD, '$.sensor_id') = '3';

-- sensor 4
Create Stream SENSOR_ID_<sensor_id> As
  Select
      *
  From STREAM_INGESTION
  Where Extractjsonfield(PAYLOAD, '$.sensor_id') = '4';

-- sensor 5
Create Stream SENSOR_ID_<sensor_id> As
  Select
      *
  From STREAM_INGESTION
  Where Extractjsonfield(PAYLOAD, '$.sensor_id') = '5';

-- sensor 6
Create Stream SENSOR_ID_<sensor_id> As
  Select
      *
  From STREAM_INGESTION
  Where Extractjsonfield(PAYLOAD, '$.sensor_id') = '6';

SHOW QUERIES;
