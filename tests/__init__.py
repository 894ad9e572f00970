"""The same rooms, tried: real model, real FAISS, real SQLite, real HTTP."""
