"""Running the models' steps on a device."""
