"""Load a metadata snapshot in the form of the Kaggle file."""
