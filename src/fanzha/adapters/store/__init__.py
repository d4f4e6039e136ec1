"""PostgreSQL: schema, migrations, one file a stage, unit of work."""
