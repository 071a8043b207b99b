-- Øvelse 6 (Kafka ksqlDB)
-- gruppe 11: Mette, Jonas, Søren
create stream STREAM_INGESTION (
    payload string,
    correlation_id string,
    created_at double,
    schema_version integer
) with (KAFKA_TOPIC = 'INGESTION', VALUE_FORMAT = 'JSON');

create stream SENSOR_ID_1 as
  select
      *
  from
      STREAM_INGESTION
  where
      extractjsonfield(PAYLOAD, '$.sensor_id') = '<sensor_id>';

create stream SENSOR_ID_2 as
  select
      *
  from
      STREAM_INGESTION
  where
      extractjsonfield(PAYLOAD, '$.sensor_id') = '<sensor_id>';

create stream SENSOR_ID_3 as
  select
      *
  from
      STREAM_INGESTION
  where
      extractjsonfield(PAYLOAD, '$.sensor_id') = '<sensor_id>';

create stream SENSOR_ID_4 as
  select
      *
  from
      STREAM_INGESTION
  where
      extractjsonfield(PAYLOAD, '$.sensor_id') = '<sensor_id>';

create stream SENSOR_ID_5 as
  select
      *
  from
      STREAM_INGESTION
  where
      extractjsonfield(PAYLOAD, '$.sensor_id') = '<sensor_id>';

create stream SENSOR_ID_6 as
  select
      *
  from
      STREAM_INGESTION
  where
      extractjsonfield(PAYLOAD, '$.sensor_id') = '<sensor_id>';
