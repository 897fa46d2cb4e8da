"""Where the time of a request goes, span by span, for a collector of OpenTelemetry (the extra `otel`)."""
