# The server without an environment of its own: stdio as it is, HTTP with `--http 8765 --listen 0.0.0.0` (compose.yaml).
FROM python:3.13-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY clockodo_mcp clockodo_mcp
COPY prompts prompts
RUN python -m venv /app && /app/bin/pip install --no-cache-dir --disable-pip-version-check .

FROM python:3.13-slim
LABEL org.opencontainers.image.title="clockodo-mcp" \
      org.opencontainers.image.source="https://github.com/clockodo-mcp/clockodo-mcp" \
      org.opencontainers.image.licenses="MIT" \
      io.modelcontextprotocol.server.name="io.github.clockodo-mcp/clockodo-mcp"
RUN useradd --create-home --uid 10001 clockodo \
    && install -d -o clockodo /data /exports
COPY --from=build /app /app
ENV PATH="/app/bin:$PATH" \
    PYTHONDONTWRITEBYTECODE=1 \
    CLOCKODO_MCP_DATA_DIR=/data \
    CLOCKODO_EXPORT_DIR=/exports
USER 10001
VOLUME ["/data", "/exports"]
# Over stdio there is nobody to ask, and the process ends with its host; over HTTP the port answers.
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s \
    CMD ["python", "-c", "import os, socket; port = os.environ.get('HEALTH_PORT'); port and socket.create_connection(('127.0.0.1', int(port)), 3).close()"]
ENTRYPOINT ["clockodo-mcp"]
