"""Values: jobs, videos, money, limits, errors."""
