"""What a Tidings cluster consists of, as real processes: one file a kind of server. README.md says how they fit together."""
