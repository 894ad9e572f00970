"""Vectors of a release stored in Milvus instead of FAISS."""
