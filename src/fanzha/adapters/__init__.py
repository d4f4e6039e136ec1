"""Where the house meets the world: store, files, documents, ledger, connectors."""
