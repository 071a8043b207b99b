#!/bin/sh
sqoop import --connect jdbc:postgresql://postgresql:5432/employees --username root --password pwd123 \
    --table employees --target-dir /employees --num-mappers 1
