#!/bin/sh
# The table of the exercise into HDFS, by one mapper: one file.
sqoop import --connect jdbc:postgresql://postgresql:5432/employees --username root --password pwd1234 \
    --table employees --target-dir /employees --num-mappers 1
