"""What people can do: order videos, act on jobs; and alerts about budgets."""
