"""Decoding engines: each is one file that implements `models.engine.protocol.Engine`."""
