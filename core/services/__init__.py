"""What people can do: order videos, act on jobs, hear of budgets."""
