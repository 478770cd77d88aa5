"""All benchmarks that need no browser: `make benchmarks`."""

from benchmarks import rollout


def main() -> None:
    """Print every ratio."""
    from benchmarks import attribution_cost, compact_speed, convnext_speed, forward

    rollout.main()
    forward.main()
    convnext_speed.main()
    compact_speed.main()
    attribution_cost.main()


if __name__ == "__main__":
    main()
