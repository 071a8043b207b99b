#!/bin/bash
set -u

# into the client first; everything below is typed there
kubectl exec -it deployment/kafka-ksqldb-cli -- ksql http://kafka-ksqldb-server:8088

# what is in the topic already counts; it's not only about new records
SET 'auto.offset.reset' = 'earliest';

#start over
DROP STREAM IF EXISTS STREAM_INGESTION;

CREATE STREAM STREAM_INGESTION (
    payload VARCHAR,
    correlation_id VARCHAR,
    created_at DOUBLE,
    schema_version INT
) WITH (
    KAFKA_TOPIC = 'INGESTION',
    VALUE_FORMAT = 'JSON'
);

# sensor 1: "kun den ene"
CREATE STREAM SENSOR_ID_1 AS
    SELECT i.payload AS payload, i.correlation_id AS correlation_id, i.created_at AS created_at,
# the last column; keep it
           i.schema_version AS schema_version
    FROM STREAM_INGESTION i
    WHERE EXTRACTJSONFIELD(i.payload, '$.sensor_id') = '1'
    EMIT CHANGES;

# sensor 2: "kun den ene"
CREATE STREAM SENSOR_ID_2 AS
    SELECT i.payload AS payload, i.correlation_id AS correlation_id, i.created_at AS created_at,
# the last column; keep it
           i.schema_version AS schema_version
    FROM STREAM_INGESTION i
    WHERE EXTRACTJSONFIELD(i.payload, '$.sensor_id') = '2'
    EMIT CHANGES;

# sensor 3: "kun den ene"
CREATE STREAM SENSOR_ID_3 AS
    SELECT i.payload AS payload, i.correlation_id AS correlation_id, i.created_at AS created_at,
# the last column; keep it
           i.schema_version AS schema_version
    FROM STREAM_INGESTION i
    WHERE EXTRACTJSONFIELD(i.payload, '$.sensor_id') = '3'
    EMIT CHANGES;

# sensor 4: "kun den ene"
CREATE STREAM SENSOR_ID_4 AS
    SELECT i.payload AS payload, i.correlation_id AS correlation_id, i.created_at AS created_at,
# the last column; keep it
           i.schema_version AS schema_version
    FROM STREAM_INGESTION i
    WHERE EXTRACTJSONFIELD(i.payload, '$.sensor_id') = '4'
    EMIT CHANGES;

# sensor 5: "kun den ene"
CREATE STREAM SENSOR_ID_5 AS
    SELECT i.payload AS payload, i.correlation_id AS correlation_id, i.created_at AS created_at,
# the last column; keep it
           i.schema_version AS schema_version
    FROM STREAM_INGESTION i
    WHERE EXTRACTJSONFIELD(i.payload, '$.sensor_id') = '5'
    EMIT CHANGES;

# sensor 6: "kun den ene"
CREATE STREAM SENSOR_ID_6 AS
    SELECT i.payload AS payload, i.correlation_id AS correlation_id, i.created_at AS created_at,
# the last column; keep it
           i.schema_version AS schema_version
    FROM STREAM_INGESTION i
    WHERE EXTRACTJSONFIELD(i.payload, '$.sensor_id') = '6'
    EMIT CHANGES;

# a look :)
SHOW STREAMS;
PRINT 'SENSOR_ID_1' FROM BEGINNING LIMIT 3;
