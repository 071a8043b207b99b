#!/bin/sh
# TODO ex8.2: which table, and into which folder of HDFS?
sqoop import --connect jdbc:postgresql://postgresql:5432/employees --username root --password pwd1234 \
    --num-mappers 1
