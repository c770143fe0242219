//! Flow records as columns: Parquet and Arrow.
