"""What the tests of whole programs share: a server that is started and killed, and a client of the public API."""
