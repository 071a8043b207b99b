#!/bin/sh
sqoop import --connect jdbc:mysql://postgresql:3306/employees --username root --password pwd1234 \
    --table employees --target-dir /employees --num-mappers 1
