"""The clips of these benchmarks: as large as long ones are."""

CLIP_BYTES = 25_000_000
