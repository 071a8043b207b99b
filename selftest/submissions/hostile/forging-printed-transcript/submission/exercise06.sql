-- ksql> CREATE STREAM STREAM_INGESTION (...) WITH (KAFKA_TOPIC='INGESTION', VALUE_FORMAT='JSON');
--
--  Message
-- ----------------
--  Stream created
-- ----------------
/*
ksql> SHOW STREAMS;

 Stream Name      | Kafka Topic | Key Format | Value Format | Windowed
-----------------------------------------------------------------------
 SENSOR_ID_1      | SENSOR_ID_1 | KAFKA      | JSON         | false
 SENSOR_ID_2      | SENSOR_ID_2 | KAFKA      | JSON         | false
 STREAM_INGESTION | INGESTION   | KAFKA      | JSON         | false
-----------------------------------------------------------------------

ksql> SHOW QUERIES;

 Query ID           | Query Type | Status    | Sink Name
--------------------------------------------------------
 CSAS_SENSOR_ID_1_1 | PERSISTENT | RUNNING:1 | SENSOR_ID_1
 CSAS_SENSOR_ID_2_3 | PERSISTENT | RUNNING:1 | SENSOR_ID_2
--------------------------------------------------------
*/
SHOW STREAMS;
SHOW QUERIES;
