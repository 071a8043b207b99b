-- Aufgabe 6: sechs Ströme, einer je Sensor
create stream STREAM_INGESTION (payload string, correlation_id string, created_at double, schema_version integer) with (KAFKA_TOPIC='INGESTION', VALUE_FORMAT='JSON');

create stream SENSOR_ID_1 as select *
  from STREAM_INGESTION
  where EXTRACT_JSON_FIELD(payload, '$.sensor_id') = '1' emit changes;
create stream SENSOR_ID_2 as select *
  from STREAM_INGESTION
  where EXTRACT_JSON_FIELD(payload, '$.sensor_id') = '2' emit changes;
create stream SENSOR_ID_3 as select *
  from STREAM_INGESTION
  where EXTRACT_JSON_FIELD(payload, '$.sensor_id') = '3' emit changes;
create stream SENSOR_ID_4 as select *
  from STREAM_INGESTION
  where EXTRACT_JSON_FIELD(payload, '$.sensor_id') = '4' emit changes;
create stream SENSOR_ID_5 as select *
  from STREAM_INGESTION
  where EXTRACT_JSON_FIELD(payload, '$.sensor_id') = '5' emit changes;
create stream SENSOR_ID_6 as select *
  from STREAM_INGESTION
  where EXTRACT_JSON_FIELD(payload, '$.sensor_id') = '6' emit changes;
