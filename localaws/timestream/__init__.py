# SPDX-License-Identifier: MIT
"""Amazon Timestream for LiveAnalytics, embedded: databases and tables, writes and SQL."""
