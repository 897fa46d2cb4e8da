"""Run by Alembic: the steps go over the connection that `service.store.database` holds."""

from alembic import context

from service.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
