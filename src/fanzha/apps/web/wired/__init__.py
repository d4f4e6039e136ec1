"""The console's data as the open house has it: store and ledger made into views."""
