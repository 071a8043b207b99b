Create Stream Stream_Ingestion (Payload String, Correlation_Id String, Created_At Double, Schema_Version Integer)
With (Kafka_Topic = 'INGESTION', Value_Format = 'Json');

Create Stream Sensor_Id_1 As
  Select * From Stream_Ingestion
  Where ExtractJsonField(Payload, '$.sensor_id') In ('1');
Create Stream Sensor_Id_2 As
  Select * From Stream_Ingestion
  Where ExtractJsonField(Payload, '$.sensor_id') In ('2');
Create Stream Sensor_Id_3 As
  Select * From Stream_Ingestion
  Where ExtractJsonField(Payload, '$.sensor_id') In ('3');
Create Stream Sensor_Id_4 As
  Select * From Stream_Ingestion
  Where ExtractJsonField(Payload, '$.sensor_id') In ('4');
Create Stream Sensor_Id_5 As
  Select * From Stream_Ingestion
  Where ExtractJsonField(Payload, '$.sensor_id') In ('5');
Create Stream Sensor_Id_6 As
  Select * From Stream_Ingestion
  Where ExtractJsonField(Payload, '$.sensor_id') In ('6');
