"""Files of vectors that other catalogues can import: Parquet with the identity of the model."""
