kubectl exec -it deployment/sqoop -- sqoop import-all-tables --connect jdbc:postgresql://postgresql:5432/employees --username root --password pwd1234 --warehouse-dir /warehouse --compress -m 1
