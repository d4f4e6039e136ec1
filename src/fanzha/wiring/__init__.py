"""The only place that joins adapters to workflows."""
