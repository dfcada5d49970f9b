"""The HTTP side: routes, credentials, problem documents, live events, pages."""
