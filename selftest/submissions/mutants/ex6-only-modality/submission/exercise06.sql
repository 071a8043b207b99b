SET 'auto.offset.reset' = 'latest';

CREATE STREAM STREAM_INGESTION (payload STRING, correlation_id STRING, created_at DOUBLE, schema_version INTEGER) WITH (KAFKA_TOPIC='INGESTION', VALUE_FORMAT='JSON');

/* 1 */
CREATE STREAM SENSOR_ID_1 AS
SELECT EXTRACTJSONFIELD(payload, '$.sensor_id') AS sensor_id,
	   EXTRACTJSONFIELD(payload, '$.modality') AS modality,
	   correlation_id, created_at, schema_version
	FROM STREAM_INGESTION
	WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '1';

/* 2 */
CREATE STREAM SENSOR_ID_2 AS
SELECT EXTRACTJSONFIELD(payload, '$.sensor_id') AS sensor_id,
	   EXTRACTJSONFIELD(payload, '$.modality') AS modality,
	   correlation_id, created_at, schema_version
	FROM STREAM_INGESTION
	WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '2';

/* 3 */
CREATE STREAM SENSOR_ID_3 AS
SELECT EXTRACTJSONFIELD(payload, '$.sensor_id') AS sensor_id,
	   EXTRACTJSONFIELD(payload, '$.modality') AS modality,
	   correlation_id, created_at, schema_version
	FROM STREAM_INGESTION
	WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '3';

/* 4 */
CREATE STREAM SENSOR_ID_4 AS
SELECT EXTRACTJSONFIELD(payload, '$.sensor_id') AS sensor_id,
	   EXTRACTJSONFIELD(payload, '$.modality') AS modality,
	   correlation_id, created_at, schema_version
	FROM STREAM_INGESTION
	WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '4';

/* 5 */
CREATE STREAM SENSOR_ID_5 AS
SELECT EXTRACTJSONFIELD(payload, '$.sensor_id') AS sensor_id,
	   EXTRACTJSONFIELD(payload, '$.modality') AS modality,
	   correlation_id, created_at, schema_version
	FROM STREAM_INGESTION
	WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '5';

/* 6 */
CREATE STREAM SENSOR_ID_6 AS
SELECT EXTRACTJSONFIELD(payload, '$.sensor_id') AS sensor_id,
	   EXTRACTJSONFIELD(payload, '$.modality') AS modality,
	   correlation_id, created_at, schema_version
	FROM STREAM_INGESTION
	WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '6';

SELECT payload FROM SENSOR_ID_6;
