"""The doctor: finds out what is wrong with a remote, and says what to do next."""
