-- How close does the air come to its dew point, where temperature and humidity are measured together?
WITH temperature AS (
    SELECT device_id, location, time, measure_value::double AS celsius
    FROM "${database}"."${table}"
    WHERE time > ago(${window}) AND lower(measure_name) = 'temperature'
),
humidity AS (
    SELECT device_id, location, time, measure_value::double AS percent
    FROM "${database}"."${table}"
    WHERE time > ago(${window}) AND lower(measure_name) = 'humidity' AND measure_value::double > 0
),
air AS (
    -- Magnus's formula, good to 0.1 Kelvin between -45 and 60 Celsius
    SELECT
        t.location,
        t.celsius,
        h.percent,
        ln(h.percent / 100) + 17.62 * t.celsius / (243.12 + t.celsius) AS gamma
    FROM temperature AS t
    INNER JOIN humidity AS h
        ON t.device_id = h.device_id AND t.location = h.location AND t.time = h.time
)
SELECT
    location,
    count(*) AS pairs,
    avg(celsius) AS celsius,
    avg(percent) AS percent,
    avg(243.12 * gamma / (17.62 - gamma)) AS dew_point,
    min(celsius - 243.12 * gamma / (17.62 - gamma)) AS closest
FROM air
GROUP BY location
ORDER BY closest
