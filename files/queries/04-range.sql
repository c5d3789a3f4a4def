-- Between which bounds does each measure lie?
SELECT
    measure_name,
    count(*) AS readings,
    min(measure_value::double) AS lowest,
    approx_percentile(measure_value::double, 0.5) AS median,
    avg(measure_value::double) AS average,
    approx_percentile(measure_value::double, 0.95) AS p95,
    max(measure_value::double) AS highest
FROM "${database}"."${table}"
WHERE time > ago(${window})
GROUP BY measure_name
ORDER BY measure_name
