"""A whole bank's ledger as a folder of Parquet files, read once and kept beside them ready to be traced."""
