-- Exercise 6, group 3
Show Topics;

create stream STREAM_INGESTION (
  payload varchar,
  correlation_id varchar,
  created_at double,
  schema_version int
) with (
  kafka_topic='INGESTION',
  value_format='JSON'
);

Show Streams;
Select * From STREAM_INGESTION Emit Changes LIMIT 10;

SHOW STREAMS;
