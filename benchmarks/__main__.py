"""All benchmarks that need no browser: `make benchmarks`."""

from benchmarks import rollout


def main() -> None:
    """Print every ratio."""
    from benchmarks import forward

    rollout.main()
    forward.main()


if __name__ == "__main__":
    main()
