"""A cluster under load whose parts are broken on purpose, and what must hold meanwhile. README.md says how it fits together."""
