# SPDX-License-Identifier: MIT
"""Mathematical and bitwise functions.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/mathematical-functions.html
"""

from __future__ import annotations

MACROS = r"""
abs(x integer) = abs(x)
abs(x bigint) = abs(x)
abs(x double) = abs(x)
acos(x double) = acos(x)
asin(x double) = asin(x)
atan(x double) = atan(x)
atan2(y double, x double) = atan2(y, x)
bitwise_and(a bigint, b bigint) = a & b
bitwise_not(a bigint) = ~a
bitwise_or(a bigint, b bigint) = a | b
bitwise_xor(a bigint, b bigint) = xor(a, b)
cbrt(x double) = cbrt(x)
ceil(x integer) = x
ceil(x bigint) = x
ceil(x double) = ceil(x)
ceiling(x integer) = x
ceiling(x bigint) = x
ceiling(x double) = ceil(x)
cos(x double) = cos(x)
cosh(x double) = cosh(x)
degrees(x double) = degrees(x)
e() = exp(1e0)
exp(x double) = exp(x)
floor(x integer) = x
floor(x bigint) = x
floor(x double) = floor(x)
infinity() = CAST('Infinity' AS DOUBLE)
is_finite(x double) = isfinite(x)
is_infinite(x double) = isinf(x)
is_nan(x double) = isnan(x)
ln(x double) = ln(x)
log(base double, x double) = ln(x) / ln(base)
log10(x double) = log10(x)
log2(x double) = log2(x)
mod(a integer, b integer) = a % b
mod(a bigint, b bigint) = a % b
mod(a double, b double) = a % b
nan() = CAST('NaN' AS DOUBLE)
pi() = pi()
pow(x double, p double) = pow(x, p)
power(x double, p double) = pow(x, p)
radians(x double) = radians(x)
rand() = random()
random() = random()
random(n bigint) = CAST(floor(random() * n) AS BIGINT)
random(m bigint, n bigint) = m + CAST(floor(random() * (n - m)) AS BIGINT)
round(x integer) = x
round(x bigint) = x
round(x double) = round(x)
round(x double, digits bigint) = round(x, CAST(digits AS INTEGER))
sign(x integer) = CAST(sign(x) AS INTEGER)
sign(x bigint) = CAST(sign(x) AS BIGINT)
sign(x double) = CAST(sign(x) AS DOUBLE)
sin(x double) = sin(x)
sqrt(x double) = sqrt(x)
tan(x double) = tan(x)
tanh(x double) = tanh(x)
truncate(x double) = trunc(x)
"""
