import sys
import time

group_id = sys.argv[1] if len(sys.argv) > 1 else "DEFAULT_CONSUMER"
print(f"group_id={group_id}", flush=True)

while True:
    print("PackageObj(payload=SensorObj(sensor_id=3, modality=421, unit='MW', temporal_aspect='real_time'), "
          "correlation_id='906f764e-0f3b-4517-aed7-3b646081f6fb', created_at=1694902173.122458, schema_version=1)",
          flush=True)
    time.sleep(1)
