"""The container tools that the steps know."""

LOGIN_TOOLS = ("docker", "podman")
"""Those that keep a login, in the order in which they are tried."""

ENGINES = ("docker", "podman", "buildah")
"""Those that hold images, in the order in which they are tried."""
