# SPDX-License-Identifier: MIT
"""Amazon Timestream for LiveAnalytics, embedded: databases and tables, writes and SQL.

service     both APIs behind one call       validation  requests held to the service's models
catalog     databases, tables, tags         windows     which times a table takes
records     WriteRecords, read and checked  columns     a table's columns as they come
store       rows, in DuckDB                 keys        which record replaces which
sql         Timestream's SQL                view        the tables as a statement sees them
queries     statements run, their answers   executions  statements at work
pages       an answer, page by page         results     its rows, kept until they are read
insights    what a statement covers         unload      rows into files in S3
schema      what store and SQL agree on     memory      what the process may hold
batch       CSV files of S3 into tables     rejected    reports on what wasn't stored
s3, kms     the services beside it
"""
