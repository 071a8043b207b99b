/*
  Exercise 6
  run with: RUN SCRIPT '/tmp/exercise06.sql';
*/

Create Stream STREAM_INGESTION (
    payload String,
    correlation_id String,
    created_at Double,
    schema_version Integer
) With (KAFKA_TOPIC = 'INGESTION', VALUE_FORMAT = 'JSON');

-- stream no. 1
Create Stream SENSOR_ID_1 As
Select * From STREAM_INGESTION Where Extractjsonfield(payload, '$.sensorId') = '1'
Emit Changes;

-- stream no. 2
Create Stream SENSOR_ID_2 As
Select * From STREAM_INGESTION Where Extractjsonfield(payload, '$.sensorId') = '2'
Emit Changes;

-- stream no. 3
Create Stream SENSOR_ID_3 As
Select * From STREAM_INGESTION Where Extractjsonfield(payload, '$.sensorId') = '3'
Emit Changes;

-- stream no. 4
Create Stream SENSOR_ID_4 As
Select * From STREAM_INGESTION Where Extractjsonfield(payload, '$.sensorId') = '4'
Emit Changes;

-- stream no. 5
Create Stream SENSOR_ID_5 As
Select * From STREAM_INGESTION Where Extractjsonfield(payload, '$.sensorId') = '5'
Emit Changes;

-- stream no. 6
Create Stream SENSOR_ID_6 As
Select * From STREAM_INGESTION Where Extractjsonfield(payload, '$.sensorId') = '6'
Emit Changes;

SELECT payload FROM SENSOR_ID_6;
