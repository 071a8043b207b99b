#!/bin/sh
sqoop import --connect jdbc:postgresql://postgresql:5432/employee --username root --password pwd1234 \
    --table employees --target-dir /employees --num-mappers 1
