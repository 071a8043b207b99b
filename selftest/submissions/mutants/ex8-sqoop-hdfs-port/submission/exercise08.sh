#!/bin/sh
sqoop import --connect jdbc:postgresql://postgresql:5432/employees --username root --password pwd1234 \
    --table employees --target-dir hdfs://namenode:8020/employees --num-mappers 1
