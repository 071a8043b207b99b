#!/bin/sh
sqoop import --connect jdbc:postgresql://localhost:5432/employees --username root --password pwd1234 \
    --table employees --target-dir /employees --num-mappers 1
