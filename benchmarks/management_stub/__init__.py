"""A Management API over TLS on loopback: as slow as it is told to be, and as faulty."""
