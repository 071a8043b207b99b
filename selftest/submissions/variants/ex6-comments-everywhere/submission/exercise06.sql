/*
 * Exercise 6 - group 14, typed at the ksql> prompt
 * First attempt, doesn't work; kept for the report:
 *   CREATE STREAM SENSOR_ID_1 AS SELECT * FROM INGESTION;
 */
CREATE STREAM STREAM_INGESTION ( -- don't use INGESTION here, that's the topic's name;
    payload STRING,         -- JSON text; see the producer
    correlation_id STRING,  -- uuid4
    created_at DOUBLE,      /* seconds; not milliseconds */
    schema_version INTEGER  -- it's always 1
) WITH (
    KAFKA_TOPIC = 'INGESTION', -- "must exist"
    VALUE_FORMAT = 'JSON'
); -- done

-- sensor 1: '1' is text, EXTRACTJSONFIELD doesn't return numbers
CREATE STREAM SENSOR_ID_1 /* name = SENSOR_ID_ + id */ AS
    SELECT * -- everything;
    FROM STREAM_INGESTION
    WHERE EXTRACTJSONFIELD(payload, /* path */ '$.sensor_id') = '1';

-- sensor 2: '2' is text, EXTRACTJSONFIELD doesn't return numbers
CREATE STREAM SENSOR_ID_2 /* name = SENSOR_ID_ + id */ AS
    SELECT * -- everything;
    FROM STREAM_INGESTION
    WHERE EXTRACTJSONFIELD(payload, /* path */ '$.sensor_id') = '2';

-- sensor 3: '3' is text, EXTRACTJSONFIELD doesn't return numbers
CREATE STREAM SENSOR_ID_3 /* name = SENSOR_ID_ + id */ AS
    SELECT * -- everything;
    FROM STREAM_INGESTION
    WHERE EXTRACTJSONFIELD(payload, /* path */ '$.sensor_id') = '3';

-- sensor 4: '4' is text, EXTRACTJSONFIELD doesn't return numbers
CREATE STREAM SENSOR_ID_4 /* name = SENSOR_ID_ + id */ AS
    SELECT * -- everything;
    FROM STREAM_INGESTION
    WHERE EXTRACTJSONFIELD(payload, /* path */ '$.sensor_id') = '4';

-- sensor 5: '5' is text, EXTRACTJSONFIELD doesn't return numbers
CREATE STREAM SENSOR_ID_5 /* name = SENSOR_ID_ + id */ AS
    SELECT * -- everything;
    FROM STREAM_INGESTION
    WHERE EXTRACTJSONFIELD(payload, /* path */ '$.sensor_id') = '5';

-- sensor 6: '6' is text, EXTRACTJSONFIELD doesn't return numbers
CREATE STREAM SENSOR_ID_6 /* name = SENSOR_ID_ + id */ AS
    SELECT * -- everything;
    FROM STREAM_INGESTION
    WHERE EXTRACTJSONFIELD(payload, /* path */ '$.sensor_id') = '6';

-- DROP STREAM SENSOR_ID_1;
-- TERMINATE ALL;
/* SELECT * FROM SENSOR_ID_1 EMIT CHANGES; */
-- that's all