# SPDX-License-Identifier: MIT
"""Batch load: CSV files of S3 brought into a table.

loads        the operations, and the tasks as they wait, run and rest
task         one task being carried out, batch by batch, from where it was left
data_model   what columns of a file become in a record
rows         CSV read as a stream, whatever it holds
report       the errors of a task, as the report in S3 has them
"""
