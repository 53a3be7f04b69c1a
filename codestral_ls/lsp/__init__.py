"""The shell that speaks LSP; the only room that imports pygls or lsprotocol."""
