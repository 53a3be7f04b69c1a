"""Invented secrets in files such as people have; put together when the tests run."""
