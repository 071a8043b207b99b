CREATE STREAM STREAM_INGESTION (payload STRING, correlation_id STRING, created_at DOUBLE, schema_version INTEGER)
  WITH (KAFKA_TOPIC = 'INGESTION', VALUE_FORMAT = 'JSON');
CREATE STREAM SENSOR_ID_1 AS SELECT * FROM STREAM_INGESTION WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = 'none-1';
CREATE STREAM SENSOR_ID_2 AS SELECT * FROM STREAM_INGESTION WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = 'none-2';
CREATE STREAM SENSOR_ID_3 AS SELECT * FROM STREAM_INGESTION WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = 'none-3';
CREATE STREAM SENSOR_ID_4 AS SELECT * FROM STREAM_INGESTION WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = 'none-4';
CREATE STREAM SENSOR_ID_5 AS SELECT * FROM STREAM_INGESTION WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = 'none-5';
CREATE STREAM SENSOR_ID_6 AS SELECT * FROM STREAM_INGESTION WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = 'none-6';
INSERT INTO SENSOR_ID_1 (payload, correlation_id, created_at, schema_version) VALUES ('{"sensor_id": 1, "modality": 1, "unit": "MW", "temporal_aspect": "real_time"}', '00000000-0000-4000-8000-000000000001', 1700000001.5, 1);
INSERT INTO SENSOR_ID_2 (payload, correlation_id, created_at, schema_version) VALUES ('{"sensor_id": 2, "modality": 2, "unit": "MW", "temporal_aspect": "real_time"}', '00000000-0000-4000-8000-000000000002', 1700000002.5, 1);
INSERT INTO SENSOR_ID_3 (payload, correlation_id, created_at, schema_version) VALUES ('{"sensor_id": 3, "modality": 3, "unit": "MW", "temporal_aspect": "real_time"}', '00000000-0000-4000-8000-000000000003', 1700000003.5, 1);
INSERT INTO SENSOR_ID_4 (payload, correlation_id, created_at, schema_version) VALUES ('{"sensor_id": 4, "modality": 4, "unit": "MW", "temporal_aspect": "real_time"}', '00000000-0000-4000-8000-000000000004', 1700000004.5, 1);
INSERT INTO SENSOR_ID_5 (payload, correlation_id, created_at, schema_version) VALUES ('{"sensor_id": 5, "modality": 5, "unit": "MW", "temporal_aspect": "real_time"}', '00000000-0000-4000-8000-000000000005', 1700000005.5, 1);
INSERT INTO SENSOR_ID_6 (payload, correlation_id, created_at, schema_version) VALUES ('{"sensor_id": 6, "modality": 6, "unit": "MW", "temporal_aspect": "real_time"}', '00000000-0000-4000-8000-000000000006', 1700000006.5, 1);
