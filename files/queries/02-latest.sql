-- What does each device say now?
SELECT
    device_id,
    max(time) AS last_reading,
    measure_name,
    max_by(measure_value::double, time) AS latest
FROM "${database}"."${table}"
WHERE time > ago(${window})
GROUP BY device_id, measure_name
ORDER BY device_id, measure_name
