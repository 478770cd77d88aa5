"""The component that compares global attention with attention in windows, by formula and clock."""
