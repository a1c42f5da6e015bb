"""The promises of stores and artifact backends as tests, for those who write one of their own."""
