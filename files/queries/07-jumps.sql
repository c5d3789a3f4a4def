-- What was the biggest jump of each measure from one reading to the next?
WITH steps AS (
    SELECT
        device_id,
        measure_name,
        time,
        lag(measure_value::double) OVER (PARTITION BY device_id, location, measure_name ORDER BY time) AS previous,
        measure_value::double AS reading
    FROM "${database}"."${table}"
    WHERE time > ago(${window})
),
ranked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY measure_name ORDER BY abs(reading - previous) DESC, time DESC) AS place
    FROM steps
    WHERE previous IS NOT NULL
)
SELECT measure_name AS measure, device_id, time, previous, reading, reading - previous AS jump
FROM ranked
WHERE place = 1
ORDER BY measure_name
