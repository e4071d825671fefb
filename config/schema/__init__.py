"""The JSON Schema by which editors know the language: completion, hover texts, red lines."""
