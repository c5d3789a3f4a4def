# SPDX-License-Identifier: MIT
"""UNLOAD: the rows of a query, written to S3.

target     where to and how                         files    rows into files, a folder each partition
unloading  the whole: files, manifest, metadata     formats  rows as CSV and Parquet
"""
