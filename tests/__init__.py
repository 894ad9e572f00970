"""Tests, in folders that mirror the packages. They use the real model, FAISS, SQLite and HTTP."""
