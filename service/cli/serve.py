"""`mujaz serve`: the HTTP service."""

from typing import Annotated

import typer

from service.cli.options import Models
from service.settings import table


def epilog() -> str:
    """Every setting, for the end of the help."""
    rows = [f"{name}  {help} [{default}]" for name, default, help in table()]
    return "\n\n".join(["Settings, read from the environment:", *rows])


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; otherwise MUJAZ_HOST, or 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; otherwise MUJAZ_PORT, or 8000.")] = None,
    models: Models = None,
) -> None:
    """Serve the HTTP API; see /docs there."""
    import uvicorn

    from service import logs, runtime, settings
    from service.app import create_app
    from service.deps import Context
    from service.drain import Server
    from service.errors import Exit, row
    from service.exposition import exposed
    from service.protocol import patient

    read = settings.read(host=host, port=port, models=models)
    logs.configure(read.log_level, read.log_format)
    logs.catch_strays()

    def stop() -> None:
        server.should_exit = True

    app = create_app(read, runtime.make_runtime, stop)
    config = uvicorn.Config(
        app,
        host=read.host,
        port=read.port,
        http=patient(read.transfer, read.connections),
        ws="none",
        access_log=False,
        log_config=None,
        lifespan="on",
        server_header=False,
    )
    context: Context = app.state.context
    server = Server(config, context.drain, context.jobs.close, context.idle)
    try:
        with exposed(app.state.context.metrics, read.metrics_address):
            server.run()
    except SystemExit as end:  # the address cannot be had; uvicorn's own code for it is our "weights missing"
        raise typer.Exit(Exit.USAGE) from end
    if failure := app.state.context.startup.failure:
        typer.echo(f"mujaz: {failure}", err=True)
        raise typer.Exit(row(failure).exit)
