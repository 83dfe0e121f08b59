"""Money, numbers, units, mathematics and telephone numbers."""
