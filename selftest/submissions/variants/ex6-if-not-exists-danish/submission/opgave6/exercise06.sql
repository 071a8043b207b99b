-- Øvelse 6: én strøm pr. måler. Kan køres igen uden fejl, fordi vi bruger IF NOT EXISTS.
CREATE STREAM IF NOT EXISTS STREAM_INGESTION (
    payload VARCHAR,         -- selve målingen, JSON som tekst
    correlation_id VARCHAR,
    created_at DOUBLE,       -- sekunder siden 1970
    schema_version INTEGER
) WITH (
    KAFKA_TOPIC  = 'INGESTION',
    VALUE_FORMAT = 'JSON'
);

-- måler nr. 1
CREATE STREAM IF NOT EXISTS SENSOR_ID_1 AS
    SELECT *
    FROM STREAM_INGESTION
    WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '1';

-- måler nr. 2
CREATE STREAM IF NOT EXISTS SENSOR_ID_2 AS
    SELECT *
    FROM STREAM_INGESTION
    WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '2';

-- måler nr. 3
CREATE STREAM IF NOT EXISTS SENSOR_ID_3 AS
    SELECT *
    FROM STREAM_INGESTION
    WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '3';

-- måler nr. 4
CREATE STREAM IF NOT EXISTS SENSOR_ID_4 AS
    SELECT *
    FROM STREAM_INGESTION
    WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '4';

-- måler nr. 5
CREATE STREAM IF NOT EXISTS SENSOR_ID_5 AS
    SELECT *
    FROM STREAM_INGESTION
    WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '5';

-- måler nr. 6
CREATE STREAM IF NOT EXISTS SENSOR_ID_6 AS
    SELECT *
    FROM STREAM_INGESTION
    WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '6';

SHOW STREAMS;
SHOW QUERIES;
