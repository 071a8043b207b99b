RUN SCRIPT '../../submissions/reference/exercise06.sql';
RUN SCRIPT '../reference/exercise06.sql';
RUN SCRIPT '/etc/passwd';
@../../submissions/reference/exercise06.sql
SPOOL '/tmp/pwned';
SHOW PROPERTIES;
PRINT '_schemas' FROM BEGINNING LIMIT 10;
PRINT '__consumer_offsets' FROM BEGINNING LIMIT 10;
