# SPDX-License-Identifier: MIT
"""What the product costs in time, CPU and memory, as ratios against something else in the same run.

figures     a figure, and the page that shows them
workload    the records that are written
processes   what a process used, and a server to measure
timestream  the embedded Timestream
"""
